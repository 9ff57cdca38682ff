using Facility.Edge.Adapters;
using Facility.Edge.Ports;

namespace Facility.Tests.Unit.Edge;

/// <summary>What every adapter of pins does. On a real chip the other side is gpio-sim: its <c>pull</c> files move the lines.</summary>
public abstract class PinsContract
{
    private static readonly PinLine[] Lines =
        [new(0, Pull.Down, false, TimeSpan.Zero), new(1, Pull.Down, false, TimeSpan.Zero), new(2, Pull.Up, true, TimeSpan.Zero)];

    internal abstract IPins Create();

    /// <summary>Makes a line logically true or false.</summary>
    internal abstract Task DriveAsync(IPins pins, int line, bool level);

    [Fact]
    public async Task Levels_are_those_of_the_lines()
    {
        using var pins = await ClaimAsync();
        await DriveAsync(pins, 1, true);
        Assert.Equal([false, true, false], pins.ReadLevels());
    }

    [Fact]
    public async Task Edges_of_all_lines_come_in_one_order_with_rising_times()
    {
        using var pins = await ClaimAsync();
        (int Line, bool Level)[] moves = [(0, true), (1, true), (2, true), (0, false), (1, false), (2, false)];
        var seen = new List<PinEdge>();
        foreach (var (line, level) in moves)
        {
            await DriveAsync(pins, line, level);
            seen.Add(await NextAsync(pins));
        }

        Assert.Equal(moves, seen.Select(edge => (edge.Line, edge.Level)));
        Assert.Equal(seen.Select(edge => edge.TimestampNs).Order(), seen.Select(edge => edge.TimestampNs));
        Assert.DoesNotContain(seen, edge => edge.LostBefore);
    }

    [Fact]
    public async Task After_disposal_the_stream_of_edges_ends()
    {
        var pins = await ClaimAsync();
        pins.Dispose();
        Assert.False(await pins.Edges.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(5)));
    }

    private async Task<IPins> ClaimAsync()
    {
        var pins = Create();
        for (var line = 0; line < Lines.Length && this is not SimulatedPinsTests; line++)
        {
            await DriveAsync(pins, line, false);
        }

        pins.Claim(Lines);
        return pins;
    }

    private static Task<PinEdge> NextAsync(IPins pins) =>
        pins.Edges.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(5));
}

public class SimulatedPinsTests : PinsContract
{
    private long _ns;

    internal override IPins Create() => new SimulatedPins();

    internal override Task DriveAsync(IPins pins, int line, bool level) =>
        ((SimulatedPins)pins).DriveAsync(line, level, _ns += 1000, CancellationToken.None).AsTask();
}

public class KernelGpioPinsTests : PinsContract
{
    internal override IPins Create() => new KernelGpioPins(RealChip.Label());

    internal override Task DriveAsync(IPins pins, int line, bool level) => RealChip.DriveAsync(line, level);
}

public class SystemDeviceGpioPinsTests : PinsContract
{
    internal override IPins Create()
    {
        _ = RealChip.Label();
        return new SystemDeviceGpioPins(new SystemClock(TimeProvider.System, alwaysSynced: true));
    }

    internal override Task DriveAsync(IPins pins, int line, bool level) => RealChip.DriveAsync(line, level);
}

/// <summary>A gpio-sim chip of this machine, named by FACILITY_TEST_GPIOCHIP.</summary>
internal static class RealChip
{
    public static string Label()
    {
        var label = Environment.GetEnvironmentVariable("FACILITY_TEST_GPIOCHIP");
        Assert.SkipWhen(string.IsNullOrEmpty(label), "no GPIO chip: FACILITY_TEST_GPIOCHIP names none");
        return label!;
    }

    public static async Task DriveAsync(int line, bool level)
    {
        var high = line == 2 ? !level : level;
        var file = Directory.EnumerateDirectories("/sys/devices/platform", "gpio-sim.*")
            .SelectMany(device => Directory.EnumerateDirectories(device, "gpiochip*"))
            .Select(chip => Path.Combine(chip, $"sim_gpio{line}", "pull")).FirstOrDefault(File.Exists);
        Assert.SkipWhen(file is null, "no GPIO chip: gpio-sim has no pull files here");
        await File.WriteAllTextAsync(file!, high ? "pull-up" : "pull-down");
    }
}
