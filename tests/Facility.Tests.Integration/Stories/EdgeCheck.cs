using System.Text.Json.Nodes;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Stories;

/// <summary>The installer's wiring test, with its output to a file.</summary>
public sealed class EdgeCheck : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly string Config = Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json");
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Each_change_is_told_and_the_end_names_the_lines_that_never_changed()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var check = Check("--stdin", "--broker", $"mqtt://127.0.0.1:{broker.Port}");
        await check.UntilOutputAsync("connected in", Soon);
        await check.WriteLineAsync("aed-door 1\nmain-door 1");
        await check.UntilOutputAsync("aed-door pin 5 is active (high, open)", Soon);
        await check.UntilOutputAsync("main-door pin 27 is inactive (low, free)", Soon);
        Assert.Equal(0, await check.StopAsync());
        Assert.Contains("3 of 22 lines changed; these never did:", check.Output, StringComparison.Ordinal);
        var never = check.Output[check.Output.IndexOf("these never did", StringComparison.Ordinal)..];
        Assert.Contains("  kitchen-door pin 25 is inactive (low, free)", never, StringComparison.Ordinal);
        Assert.DoesNotContain("aed-door", never, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["edge"]), "no outbox is made");
    }

    [Fact]
    public async Task One_reading_shows_every_sensor_and_leaves_with_0_when_all_is_well()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var check = Check("--once", "--broker", $"mqtt://127.0.0.1:{broker.Port}");
        Assert.Equal(0, await check.ExitAsync(Soon));
        Assert.Matches(@"aed-present +present +6 +active +high +in its place +0 +never", check.Output);
        Assert.Matches(@"hall-temp +temperature +20\.0 °C", check.Output);
        Assert.Matches(@"broker +mqtt://127\.0\.0\.1:\d+/ +connected in \d+ ms, without TLS", check.Output);
    }

    [Fact]
    public async Task A_broker_that_is_not_there_is_told_in_its_row_and_by_1()
    {
        await using var check = Check("--once", "--broker", $"mqtt://127.0.0.1:{Here.FreePort()}");
        Assert.Equal(1, await check.ExitAsync(Soon));
        Assert.Contains("not reached: Connection refused", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chip_that_is_not_there_is_told_with_2()
    {
        await using var check = RunningProgram.Edge("check", "--config", WithChip("no-such-chip"), "--once");
        Assert.Equal(2, await check.ExitAsync(Soon));
        Assert.Contains("no-such-chip", check.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", check.Output, StringComparison.Ordinal);
    }

    private RunningProgram Check(params string[] more) => RunningProgram.Edge(["check", "--config", WithChip("gpiochip0"), "--simulate", .. more]);

    private string WithChip(string chip)
    {
        var config = JsonNode.Parse(File.ReadAllText(Config))!;
        config["gpio"]!["chip"] = chip;
        config["data"] = _folder["edge"];
        File.WriteAllText(_folder["edge.json"], config.ToJsonString());
        return _folder["edge.json"];
    }
}
