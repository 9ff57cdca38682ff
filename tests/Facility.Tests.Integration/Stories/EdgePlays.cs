using System.Text.Json.Nodes;
using Facility.Contracts.Mqtt;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Stories;

/// <summary>What facility-edge is told to play, and what it is told wrong.</summary>
public sealed class EdgePlays
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly string Config = Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json");

    [Fact]
    public async Task Every_typed_line_is_played_also_when_typed_in_one_breath()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await using var edge = Edge(broker, folder, "--stdin");
        for (var i = 0; i < 10; i++)
        {
            await edge.WriteLineAsync("aed-door 1\naed-door 0\nmain-door 1\nmain-door -1\nhelp-button 1\nhelp-button 0");
        }

        await edge.UntilAsync(() => Is(server.InOrder(true).Count >= 45 && Passages(server) >= 20), Soon);
        Assert.Equal(
            Enumerable.Range(0, 20).Select(i => i % 2 == 0 ? 1.0 : 0),
            server.InOrder(true).Skip(5).Where(e => e.Sensor == "aed-door").Select(e => e.Value));
        Assert.Equal(45, server.InOrder(true).Count);

        // And after a silence.
        await edge.WriteLineAsync("no-such-door 1");
        await edge.UntilOutputAsync("there is no sensor no-such-door", Soon);
        await edge.WriteLineAsync("kitchen-door 1");
        await edge.UntilAsync(() => Is(Passages(server) == 21), Soon);
    }

    [Fact]
    public async Task A_recorded_day_is_played_and_typed_lines_with_it()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await using var edge = RunningProgram.Edge(
            "--config", Config, "--simulate", Path.Combine(RunningProgram.Root, "seeds/day.csv"), "--time-zone", ZoneWhereItIsDay(), "--speed", "200", "--stdin",
            "--broker", Url(broker), "--data", folder["edge"]);
        await edge.UntilAsync(() => Is(Passages(server) >= 5), Soon);
        await edge.WriteLineAsync("aed-tamper 1");
        await edge.UntilAsync(() => Is(server.InOrder(true).Any(e => e is { Sensor: "aed-tamper", Value: 1 })), Soon);
        Assert.DoesNotContain("without this", edge.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unknown key", "sensors[0].colour")]
    [InlineData("pin twice", "sensors[1].beams[0]: pin 17 is already sensors[0].beams[0]")]
    [InlineData("sensor twice", "sensors[1].id: \"main-door\" is already sensors[0]")]
    [InlineData("not JSON", "JSON")]
    public async Task A_broken_configuration_is_refused_with_the_place(string what, string place)
    {
        using var folder = new TemporaryFolder();
        var config = JsonNode.Parse(await File.ReadAllTextAsync(Config))!;
        var (first, second) = (config["sensors"]![0]!, config["sensors"]![1]!);
        switch (what)
        {
            case "unknown key":
                first["colour"] = "red";
                break;
            case "pin twice":
                second["beams"]![0] = 17;
                break;
            case "sensor twice":
                second["id"] = "main-door";
                break;
        }

        await File.WriteAllTextAsync(folder["edge.json"], what == "not JSON" ? "{" : config.ToJsonString());
        await using var edge = RunningProgram.Edge("--config", folder["edge.json"], "--simulate", "--data", folder["edge"]);
        Assert.Equal(2, await edge.ExitAsync(Soon));
        Assert.Contains(place, edge.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("http://127.0.0.1:1883")]
    [InlineData("mqtt://")]
    [InlineData("mqtt:host")]
    public async Task A_broker_that_is_no_URL_of_one_is_refused(string url)
    {
        using var folder = new TemporaryFolder();
        await using var edge = RunningProgram.Edge("--config", Config, "--simulate", "--broker", url, "--data", folder["edge"]);
        Assert.Equal(2, await edge.ExitAsync(Soon));
        Assert.Contains($"--broker {url} is not allowed", edge.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
    }

    private static RunningProgram Edge(Mosquitto broker, TemporaryFolder folder, params string[] more) =>
        RunningProgram.Edge(["--config", Config, "--simulate", "--broker", Url(broker), "--data", folder["edge"], .. more]);

    private static string Url(Mosquitto broker) => $"mqtt://127.0.0.1:{broker.Port}";

    // The recorded day has people from 9 to 23 only; at night here it is day somewhere else.
    private static string ZoneWhereItIsDay()
    {
        var here = TimeZoneInfo.ConvertTimeBySystemTimeZoneId(DateTimeOffset.UtcNow, "Europe/Amsterdam");
        var ahead = 12 - DateTimeOffset.UtcNow.Hour;
        return here.Hour is >= 9 and < 21 ? "Europe/Amsterdam" : ahead == 0 ? "Etc/GMT" : $"Etc/GMT{-ahead:+0;-0}";
    }

    private static int Passages(TestServer server) => server.InOrder(false).Count(e => e.Kind == EventKinds.Passage);

    private static Task<bool> Is(bool value) => Task.FromResult(value);
}
