using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Faults;

/// <summary>All that runs: broker, server, store, and devices of eight sites, two of them with the real edge program.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    private static readonly string[] EdgeSites = ["ratelaar", "batau"];
    private static readonly string[] DeviceSites = ["doorslag", "galecop", "componist", "volume-1", "volume-2", "volume-3"];
    private readonly TemporaryFolder _folder = new();
    private readonly Random _random;
    private volatile string? _still;

    private Fleet(int seed) => _random = new Random(seed);

    public Mosquitto Broker { get; private set; } = null!;

    public ServerUnderFire Server { get; private set; } = null!;

    /// <summary>Null with the embedded store.</summary>
    public FaultyInflux? Influx { get; private set; }

    public IReadOnlyList<NumberedDevice> Devices { get; private set; } = [];

    public IReadOnlyList<RealEdge> Edges { get; private set; } = [];

    /// <summary>What went wrong that no fault explains.</summary>
    public ConcurrentQueue<string> Problems { get; } = new();

    public static IEnumerable<string> Sites => EdgeSites.Concat(DeviceSites);

    /// <summary>Of the devices in this process; what the edges made is known when they have stopped.</summary>
    public long Made => Devices.Sum(d => d.Made);

    public long Waiting => Devices.Sum(d => (long)d.Waiting);

    public static async Task<Fleet> StartAsync(bool withInflux, FaultPlan plan)
    {
        var it = new Fleet(plan.Seed);
        try
        {
            it.Broker = await Mosquitto.StartAsync(persistent: true, savedAfter: 50);
            it.Influx = withInflux ? await FaultyInflux.StartAsync() : null;
            it.Server = new ServerUnderFire(it.WriteSites(), it.Broker.Port, it.Influx?.Url, it.Wrong);
            await it.Server.MountAsync(plan.IsShort ? "128m" : "1500m");
            it.Devices = [.. DeviceSites.Select(s => new NumberedDevice(s, it.Broker.Port, new Random(it._random.Next()), it.Wrong))];
            it.Edges = [.. EdgeSites.Select(s => new RealEdge(s, it.Broker.Port, new Random(it._random.Next())))];
            await it.Server.StartAsync();
            foreach (var device in it.Devices)
            {
                device.Start();
            }

            foreach (var edge in it.Edges)
            {
                edge.Start();
            }
        }
        catch
        {
            await it.DisposeAsync();
            throw;
        }

        return it;
    }

    public void Wrong(string what) => Problems.Enqueue(what);

    /// <summary>One site makes no events for now; null for none.</summary>
    public void Still(string? site) => _still = site;

    /// <summary>Makes events at the plan's pace until the end: now and then many at once.</summary>
    public async Task MakeAsync(FaultPlan plan, Chaos chaos, CancellationToken end)
    {
        const int MostWaiting = 40_000;
        var clock = Stopwatch.StartNew();
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(100, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            foreach (var edge in Edges.Where(e => e.Site != _still))
            {
                await edge.PlayAsync();
            }

            for (var i = 0; i < 20 && Made < plan.Pace(clock.Elapsed, chaos.Kills); i++)
            {
                var device = Devices[_random.Next(Devices.Count)];
                if (device.Site != _still && device.Waiting < MostWaiting)
                {
                    device.Make(_random.Next(3) == 0 ? 500 : _random.Next(1, 60), _random.Next(4) == 0 ? 1 : 0);
                }
            }
        }
    }

    public async Task UntilReadyAsync()
    {
        try
        {
            await Server.UntilReadyAsync();
        }
        catch (TimeoutException e)
        {
            Wrong($"the server is not ready with all at rest: {ServerUnderFire.Tail(e.Message, 20)}");
        }
    }

    /// <summary>Kills an edge that plays nothing, once the server has all that its outbox holds.</summary>
    /// <returns>False where the server did not get all in time: it is started again.</returns>
    public async Task<bool> HasAllAsync(RealEdge edge, TimeSpan atMost)
    {
        await SettledAsync(edge.Site, atMost);
        await edge.KillAsync();
        var known = (await Server.DevicesAsync()).FirstOrDefault(d => d.Site == edge.Site)?.Streams.ToDictionary(s => s.Stream, s => s.Acknowledged) ?? [];
        if (edge.Highest().All(s => known.GetValueOrDefault(s.Key) >= s.Value))
        {
            return true;
        }

        edge.Start();
        return false;
    }

    /// <summary>Whether the server has all that a device made, by its own word: an acknowledgement may be of a journal that was put back since.</summary>
    public async Task<bool> HasAllAsync(NumberedDevice device) =>
        (await Server.DevicesAsync()).FirstOrDefault(d => d.Site == device.Site)?.Streams.ToDictionary(s => s.Stream, s => s.Acknowledged) is var known
        && device.Highest.All(s => s.Value == 0 || known?.GetValueOrDefault(s.Key) >= s.Value);

    /// <summary>Waits until what the server has of a site has not changed for a while.</summary>
    public async Task SettledAsync(string site, TimeSpan atMost)
    {
        var (last, since, clock) = ("", Stopwatch.StartNew(), Stopwatch.StartNew());
        while (clock.Elapsed < atMost && since.Elapsed < TimeSpan.FromSeconds(2.5))
        {
            var now = string.Join(' ', (await Server.DevicesAsync()).Where(d => d.Site == site).SelectMany(d => d.Streams).Select(s => $"{s.Stream} {s.Acknowledged}"));
            if (now != last)
            {
                (last, since) = (now, Stopwatch.StartNew());
            }

            await Task.Delay(100);
        }
    }

    /// <summary>The last lines of each process.</summary>
    public string LastWords(int lines) => string.Join("\n", new (string Name, string Output)[]
    {
        ("server", Server.Output), ("broker", Broker.Output), ("InfluxDB", Influx?.Real.Output ?? ""),
    }.Concat(Edges.Select(e => (Name: $"edge of {e.Site}", e.Output))).Select(p => $"--- {p.Name}\n{ServerUnderFire.Tail(p.Output, lines)}"));

    public async ValueTask DisposeAsync()
    {
        foreach (var device in Devices)
        {
            await device.DisposeAsync();
        }

        foreach (var edge in Edges)
        {
            await edge.DisposeAsync();
        }

        await (Server?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Influx?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Broker?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }

    // The five sites of the seeds, and more that are copies of one.
    private string WriteSites()
    {
        var document = JsonNode.Parse(File.ReadAllText(Path.Combine(RunningProgram.Root, "seeds/sites.json")))!;
        var sites = document["sites"]!.AsArray();
        foreach (var id in Sites.Except(sites.Select(s => (string)s!["id"]!)).ToArray())
        {
            sites.Add(JsonNode.Parse(sites[0]!.ToJsonString().Replace((string)sites[0]!["id"]!, id, StringComparison.Ordinal)));
        }

        File.WriteAllText(_folder["sites.json"], document.ToJsonString());
        return _folder["sites.json"];
    }
}
