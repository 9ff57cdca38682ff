using Facility.Edge.Adapters;
using Facility.Edge.Ports;

namespace Facility.Tests.Chip;

/// <summary>What every adapter of pins does.</summary>
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
        using var pins = Claim();
        await DriveAsync(pins, 1, true);
        Assert.Equal([false, true, false], pins.ReadLevels());
    }

    [Fact]
    public async Task Edges_of_all_lines_come_in_one_order_with_rising_times()
    {
        using var pins = Claim();
        (int Line, bool Level)[] moves = [(0, true), (1, true), (2, true), (0, false), (1, false), (2, false)];
        var seen = new List<PinEdge>();
        foreach (var (line, level) in moves)
        {
            await DriveAsync(pins, line, level);
            seen.Add(await NextAsync(pins));
        }

        Assert.Equal(moves, seen.Select(edge => (edge.Line, edge.Level)));
        Assert.Equal(seen.Select(edge => edge.TimestampNs).Order(), seen.Select(edge => edge.TimestampNs));
        Assert.DoesNotContain(seen, edge => edge.LostBefore is not null);
    }

    [Fact]
    public async Task After_disposal_the_stream_of_edges_ends()
    {
        var pins = Claim();
        pins.Dispose();
        Assert.False(await pins.Edges.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(5)));
    }

    private IPins Claim()
    {
        var pins = Create();
        pins.Claim(Lines);
        Assert.Equal([false, false, false], pins.ReadLevels());
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
