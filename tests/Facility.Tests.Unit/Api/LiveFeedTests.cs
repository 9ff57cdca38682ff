using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Facility.Contracts.Live;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Server.Api;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Facility.Tests.Unit.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Facility.Tests.Unit.Api;

/// <summary>The live hub over real sockets, with more to tell than a client's buffers hold.</summary>
public sealed class LiveFeedTests : IAsyncLifetime
{
    private const int Sites = 150;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly OccupancyBoard _board = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton<IOccupancyState>(_board).AddSingleton<ISitesDirectory>(new Places()).AddSingleton<IDeviceDirectory>(new NoDevices())
            .AddSingleton(TimeProvider.System).AddFacilityApi().AddTestAccess();
        _app = builder.Build();
        _app.MapHub<LiveFeedHub>(LiveHub.Path, LiveConnections.Bound);
        await _app.StartAsync();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public async Task Of_more_than_a_hundred_sites_the_snapshot_holds_a_hundred_and_the_others_follow()
    {
        Show(version: 1, zones: 1);
        await using var hub = Connection();
        var (snapshot, followed) = (new TaskCompletionSource<Snapshot>(), new TaskCompletionSource<HashSet<string>>());
        var others = new HashSet<string>();
        hub.On<Snapshot>(LiveHub.Snapshot, snapshot.SetResult);
        hub.On<SiteOccupancy>(LiveHub.Occupancy, o =>
        {
            if (others.Add(o.Site) && others.Count == Sites - LiveClient.MostInSnapshot)
            {
                followed.SetResult(others);
            }
        });
        await hub.StartAsync();
        await hub.InvokeAsync(LiveHub.Watch, Places.Ids);
        var first = (await snapshot.Task.WaitAsync(Deadline)).Occupancy.Select(o => o.Site).ToHashSet();
        Assert.Equal(LiveClient.MostInSnapshot, first.Count);
        Assert.Equal(Places.Ids.ToHashSet(), (await followed.Task.WaitAsync(Deadline)).Union(first).ToHashSet());
    }

    [Fact]
    public async Task A_client_that_reads_nothing_is_cut_and_another_hears_of_every_site_meanwhile()
    {
        Show(version: 1, zones: 20);
        var feed = _app.Services.GetRequiredService<LiveFeed>();
        using var stalled = await StalledAsync();
        await using var hub = Connection();
        var newest = new Dictionary<string, long>();
        hub.On<SiteOccupancy>(LiveHub.Occupancy, o =>
        {
            lock (newest)
            {
                newest[o.Site] = o.Version;
            }
        });
        await hub.StartAsync();
        await hub.InvokeAsync(LiveHub.Watch, Places.Ids);
        Assert.Equal(2, feed.Clients);
        var version = 1;
        await UntilAsync(async () =>
        {
            Show(++version, zones: 20);
            await Task.Delay(100);
            return feed.Clients == 1;
        });
        await UntilAsync(() =>
        {
            lock (newest)
            {
                return Task.FromResult(newest.Count == Sites && newest.Values.All(v => v == version));
            }
        });
        Assert.Equal(HubConnectionState.Connected, hub.State);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var late = new CancellationTokenSource(Deadline);
        while (!await condition())
        {
            await Task.Delay(20, late.Token);
        }
    }

    private void Show(long version, int zones)
    {
        foreach (var site in Places.Ids)
        {
            _board.Show(new SiteOccupancy(site, DateTimeOffset.UnixEpoch, version, [.. Enumerable.Range(0, zones).Select(z =>
                new ZoneOccupancy($"zone-{z}", (int)version, 0, 900, 900, true, false))]));
        }
    }

    private HubConnection Connection() => new HubConnectionBuilder().WithUrl(new Uri(new Uri(_app.Urls.Single()), LiveHub.Path)).Build();

    // It says that it is alive, and reads nothing after it asked for everything.
    private async Task<ClientWebSocket> StalledAsync()
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellation) =>
            {
                var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
                await tcp.ConnectAsync(new IPEndPoint(IPAddress.Loopback, context.DnsEndPoint.Port), cancellation);
                return new NetworkStream(tcp, ownsSocket: true);
            },
        });
        var socket = new ClientWebSocket();
        await socket.ConnectAsync(new UriBuilder(_app.Urls.Single()) { Scheme = "ws", Path = LiveHub.Path }.Uri, http, default);
        await SendAsync("{\"protocol\":\"json\",\"version\":1}");
        await SendAsync($"{{\"type\":1,\"target\":\"{LiveHub.Watch}\",\"arguments\":[{JsonSerializer.Serialize(Places.Ids)}]}}");
        return socket;

        Task SendAsync(string message) => socket.SendAsync(Encoding.UTF8.GetBytes(message + '\u001e'), WebSocketMessageType.Text, true, default);
    }

    private sealed class Places : ISitesDirectory
    {
        public static readonly string[] Ids = [.. Enumerable.Range(0, Sites).Select(i => $"site-{i}")];

        public SitesDocument Current { get; } = new([.. Ids.Select(id => new Site(id, id, "Europe/Amsterdam", 900, [], [], []))]);
    }

    private sealed class NoDevices : IDeviceDirectory
    {
        public event Action<string, string>? Changed
        {
            add { }
            remove { }
        }

        public IReadOnlyList<DeviceState> All() => [];

        public IReadOnlyList<DeviceState> Of(IReadOnlySet<string> sites) => [];

        public DeviceState? Of(string site, string device) => null;
    }
}
