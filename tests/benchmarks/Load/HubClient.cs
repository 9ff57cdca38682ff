using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Facility.Benchmarks.Load;

/// <summary>A client of the live hub on a bare WebSocket (SignalR's JSON protocol): hundreds of them must not be what is measured.</summary>
internal sealed class HubClient : IAsyncDisposable
{
    private const byte End = 0x1e;
    private static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(10);

    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _over = new();
    private Task _reading = Task.CompletedTask;
    private Timer? _pings;

    /// <param name="shown">The time that a site's estimate is of, as it comes in the snapshot and after; null for a client that never reads again once it watches.</param>
    public static async Task<HubClient> ConnectAsync(Uri server, IEnumerable<string> sites, Action<string, DateTimeOffset>? shown)
    {
        var client = new HubClient();
        using var http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                if (shown is null)
                {
                    // So that it is the server that notices, and not a buffer of this machine that hides it.
                    socket.ReceiveBufferSize = 4096;
                }

                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        await client._socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "hubs/live" }.Uri, http, client._over.Token);
        await client.SendAsync("{\"protocol\":\"json\",\"version\":1}");
        await client.SendAsync($"{{\"type\":1,\"target\":\"Watch\",\"arguments\":[{JsonSerializer.Serialize(sites)}]}}");
        if (shown is not null)
        {
            client._reading = Task.Run(() => client.ReadAsync(shown));
            client._pings = new Timer(async _ => await client.PingAsync(), null, PingEvery, PingEvery);
        }

        return client;
    }

    public async ValueTask DisposeAsync()
    {
        if (_pings is not null)
        {
            await _pings.DisposeAsync();
        }

        await _over.CancelAsync();
        await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _over.Dispose();
    }

    private async Task PingAsync()
    {
        try
        {
            await SendAsync("{\"type\":6}");
        }
        catch (Exception e) when (e is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    private Task SendAsync(string message) =>
        _socket.SendAsync((byte[])[.. Encoding.UTF8.GetBytes(message), End], WebSocketMessageType.Text, true, _over.Token);

    private async Task ReadAsync(Action<string, DateTimeOffset> shown)
    {
        var buffer = new byte[1024 * 1024];
        var held = 0;
        while (await _socket.ReceiveAsync(buffer.AsMemory(held), _over.Token) is { MessageType: not WebSocketMessageType.Close } received)
        {
            held += received.Count;
            var from = 0;
            while (buffer.AsSpan(from, held - from).IndexOf(End) is >= 0 and var length)
            {
                Take(buffer.AsMemory(from, length), shown);
                from += length + 1;
            }

            buffer.AsSpan(from, held - from).CopyTo(buffer);
            held -= from;
            if (held == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    private static void Take(ReadOnlyMemory<byte> message, Action<string, DateTimeOffset> shown)
    {
        using var document = JsonDocument.Parse(message);
        if (document.RootElement.TryGetProperty("target", out var target) && target.GetString() is "Occupancy" or "Snapshot")
        {
            var argument = document.RootElement.GetProperty("arguments")[0];
            foreach (var site in target.GetString() == "Snapshot" ? argument.GetProperty("occupancy").EnumerateArray().ToArray() : [argument])
            {
                shown(site.GetProperty("site").GetString()!, site.GetProperty("at").GetDateTimeOffset());
            }
        }
    }
}
