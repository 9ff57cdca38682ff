using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;

namespace Facility.Server.Api;

/// <summary>Gives each connection of the live hub to the feed, which writes to it, and bounds what the system holds for it.</summary>
internal sealed class LiveConnections(LiveFeed feed, ILogger<DefaultHubLifetimeManager<LiveFeedHub>> logger) : DefaultHubLifetimeManager<LiveFeedHub>(logger)
{
    /// <summary>Bytes that wait for one client in each of the hub's pipe and the system's buffer: some hundred states.</summary>
    public const int BufferBytes = 16 * 1024;

    private const int UserTimeoutMs = 10_000;

    public static void Bound(HttpConnectionDispatcherOptions options)
    {
        options.TransportMaxBufferSize = options.ApplicationMaxBufferSize = BufferBytes;

        // Looked at once a second: so that a client is cut within the contract's ten.
        options.TransportSendTimeout = TimeSpan.FromSeconds(9);
    }

    public override Task OnConnectedAsync(HubConnectionContext connection)
    {
        if (connection.GetHttpContext()?.Features.Get<IConnectionSocketFeature>()?.Socket is { } socket)
        {
            Bound(socket);
        }

        feed.Add(connection);
        return base.OnConnectedAsync(connection);
    }

    public override Task OnDisconnectedAsync(HubConnectionContext connection)
    {
        feed.Remove(connection.ConnectionId);
        return base.OnDisconnectedAsync(connection);
    }

    // Left alone the system grows its buffer to megabytes, and a client that reads nothing would not show for minutes.
    private static void Bound(Socket socket)
    {
        try
        {
            socket.SendBufferSize = BufferBytes;
            if (OperatingSystem.IsLinux())
            {
                // TCP_USER_TIMEOUT (RFC 5482): cut when what was sent is not taken for so long, also by a machine that is gone.
                Span<byte> value = stackalloc byte[sizeof(int)];
                BinaryPrimitives.WriteInt32LittleEndian(value, UserTimeoutMs);
                socket.SetRawSocketOption((int)SocketOptionLevel.Tcp, 18, value);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It is gone already, which its reader notices.
        }
    }
}
