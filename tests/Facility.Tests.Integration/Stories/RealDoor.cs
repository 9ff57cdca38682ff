using System.Diagnostics;
using System.Net.Http.Json;
using Facility.Contracts.Rest;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Stories;

/// <summary>
/// 15 weeks of a real door (seeds/calit2) through the whole chain, faster than real time: edge outbox, mosquitto,
/// server, journal, store, API. What went in comes out, to the person.
/// </summary>
public sealed class RealDoor(ITestOutputHelper output)
{
    private const int In = 19_597;
    private const int Out = 18_837;

    [Fact]
    public async Task Every_passage_is_in_the_embedded_store() => await PlayAsync("embedded", kills: 0);

    [Fact]
    public async Task Every_passage_is_in_InfluxDB()
    {
        await using var influx = await Influxd.StartAsync();
        await PlayAsync(influx.Url.ToString().TrimEnd('/'), kills: 0);
    }

    [Fact]
    public async Task A_server_killed_three_times_while_events_flow_loses_none_and_counts_none_twice() => await PlayAsync("embedded", kills: 3);

    private async Task PlayAsync(string series, int kills)
    {
        using var folder = new TemporaryFolder();
        await using var mosquitto = await Mosquitto.StartAsync();
        var port = Here.FreePort();
        string[] arguments =
        [
            "--data", folder["server"], "--sites", Path.Combine(RunningProgram.Root, "seeds/calit2/sites.json"),
            "--broker", $"mqtt://127.0.0.1:{mosquitto.Port}", "--series", series, "--raw-retention", "off",
        ];
        var server = await RunningProgram.ReadyServerAsync(port, arguments);
        using var http = Api.Client(port, folder["server"]);
        var clock = Stopwatch.StartNew();
        await using var edge = RunningProgram.Edge(
            "--config", Path.Combine(RunningProgram.Root, "seeds/calit2/edge.json"), "--data", folder["edge"],
            "--broker", $"mqtt://127.0.0.1:{mosquitto.Port}", "--simulate", Path.Combine(RunningProgram.Root, "seeds/calit2/passages.csv"),
            "--time-zone", "America/Los_Angeles", "--speed", "max", "--exit-when-done");
        try
        {
            var whileFlowing = 0;
            for (var (kill, before) = (0, 0L); kill < kills; kill++)
            {
                await server.UntilAsync(async () => await AcknowledgedAsync(http) > before, TimeSpan.FromMinutes(2));
                before = await AcknowledgedAsync(http);
                whileFlowing += before < In + Out ? 1 : 0;
                await server.KillAsync();
                await server.DisposeAsync();
                server = await RunningProgram.ReadyServerAsync(port, arguments);
                if (before >= In + Out)
                {
                    break;
                }
            }

            Assert.True(kills == 0 || whileFlowing > 0, "it was killed while events flowed");
            output.WriteLine($"killed {whileFlowing} times while events flowed");
            Assert.Equal(0, await edge.ExitAsync(TimeSpan.FromMinutes(4)));
            output.WriteLine($"all acknowledged after {clock.Elapsed.TotalSeconds:0.0} s");
            await server.UntilAsync(async () => (await SumsAsync(http)) is ( >= In, >= Out), TimeSpan.FromMinutes(1));
            Assert.Equal((In, Out), await SumsAsync(http));
            output.WriteLine($"all queryable after {clock.Elapsed.TotalSeconds:0.0} s");
            var device = (await http.GetFromJsonAsync<DeviceList>("/v1/devices"))!.Devices.Single(d => d.Device == "calit2-01");
            Assert.Equal((0, 0, 0, false), (device.Refused, device.SetAside, device.Lost, device.Faulty));
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private static async Task<long> AcknowledgedAsync(HttpClient http) =>
        (await http.GetFromJsonAsync<DeviceList>("/v1/devices"))!.Devices.Where(d => d.Device == "calit2-01").Sum(d => d.Streams.Sum(s => s.Acknowledged));

    private static async Task<(int In, int Out)> SumsAsync(HttpClient http)
    {
        var history = await http.GetFromJsonAsync<PassageHistory>(
            "/v1/sites/calit2/passages?from=2005-07-24T00:00:00-07:00&to=2005-11-06T00:00:00-08:00&interval=PT1H");
        return (history!.Points.Sum(p => p.In), history.Points.Sum(p => p.Out));
    }
}
