using System.Net.Http.Json;
using Facility.Contracts;
using Facility.Contracts.Rest;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Stories;

/// <summary>The real server process at a real mosquitto, with one data folder over all its lives.</summary>
internal sealed class RealServer : IAsyncDisposable
{
    public static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = Here.FreePort();
    private readonly HttpClient _api;

    private RealServer(Mosquitto broker)
    {
        Broker = broker;
        _api = Api.Client(_port, Data);
    }

    public Mosquitto Broker { get; }

    public RunningProgram Program { get; private set; } = null!;

    public string Data => _folder["data"];

    public string Copy => _folder["copy"];

    public static async Task<RealServer> StartAsync(bool brokerTellsPackets = false)
    {
        var it = new RealServer(await Mosquitto.StartAsync(tellsPackets: brokerTellsPackets));
        await it.StartAgainAsync();
        return it;
    }

    /// <summary>On the same data, after its process ended.</summary>
    public async Task StartAgainAsync() => Program = await RunningProgram.ReadyServerAsync(
        _port, "--data", Data, "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--broker", $"mqtt://{Mosquitto.Host}:{Broker.Port}");

    public Task<TestDevice> DeviceAsync(string site) => TestDevice.ConnectAsync(Broker.Port, site, $"{site}-01");

    public Task UntilAsync(Func<bool> holds) => Program.UntilAsync(() => Task.FromResult(holds()), Soon);

    /// <summary>What one who subscribes only now gets for a stream; 0 for nothing.</summary>
    public async Task<long> RetainedAsync(string site, Guid stream)
    {
        await using var late = await DeviceAsync(site);
        await Until.TrueAsync("a late subscriber gets an acknowledgement", () => Task.FromResult(late.Acks.Count > 0), Soon);
        return late.Acknowledged(stream);
    }

    /// <summary>Waits until the passages in of a site are so many and its live occupancy holds them for likely, and not more once all is taken.</summary>
    public async Task CountsAsync(string site, int people)
    {
        var passages = -1;
        ZoneOccupancy? live = null;
        try
        {
            await Program.UntilAsync(
                async () =>
                {
                    (passages, live) = (await PassagesAsync(site), await LiveAsync(site));
                    return passages == people && live.Low <= people && people <= live.High && (await DeviceAsStateAsync(site)).Streams.All(s => s.Lag == 0);
                },
                Soon);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{people} expected; passages say {passages} and live {live}. {e.Message}");
        }
    }

    public async Task<DeviceState> DeviceAsStateAsync(string site) =>
        (await _api.GetFromJsonAsync<DeviceList>("/v1/devices"))!.Devices.Single(d => d.Device == $"{site}-01");

    public Task UntilDeviceAsync(string site, Func<DeviceState, bool> holds) =>
        Program.UntilAsync(async () => holds(await DeviceAsStateAsync(site)), Soon);

    public static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Program.DisposeAsync();
        await Broker.DisposeAsync();
        _api.Dispose();
        _folder.Dispose();
    }

    private async Task<int> PassagesAsync(string site)
    {
        static string At(double hours) => Uri.EscapeDataString(Rfc3339.Format(DateTimeOffset.UtcNow.AddHours(hours)));
        var history = await _api.GetFromJsonAsync<PassageHistory>($"/v1/sites/{site}/passages?from={At(-2)}&to={At(2)}&interval=PT1H");
        return history!.Points.Sum(p => p.In);
    }

    private async Task<ZoneOccupancy> LiveAsync(string site) =>
        (await _api.GetFromJsonAsync<SiteOccupancy>($"/v1/sites/{site}/occupancy"))!.Zones.Single(z => z.Zone == "site");
}
