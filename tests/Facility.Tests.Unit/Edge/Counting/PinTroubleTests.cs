using System.Threading.Channels;
using Facility.Edge.Ports;

namespace Facility.Tests.Unit.Edge.Counting;

/// <summary>What is told when the pins say that edges were lost, and when the chip goes away.</summary>
public sealed class PinTroubleTests
{
    private const string DoorAndCabinet = Bench.Door + """,{"id":"cabinet","kind":"contact","pin":5}""";

    [Fact]
    public async Task After_lost_edges_their_number_is_told_half_told_stories_are_forgotten_and_each_level_is_sent()
    {
        using var pins = new ToldPins();

        // Somebody walked in as the edges were lost; the cabinet was opened meanwhile. Then somebody walks out.
        var told = await Bench.PlayAsync(DoorAndCabinet, pins, async end =>
        {
            await pins.TellAsync(1.0, 0, true);
            await pins.TellAsync(1.2, 1, true);
            await pins.TellAsync(5.0, 1, true, new PinLoss(7, [false, false, true, false]));
            await pins.TellAsync(5.2, 0, true);
            await pins.TellAsync(5.4, 1, false);
            await pins.TellAsync(5.6, 0, false);
            await pins.TellAsync(10, end, true);
        });
        Assert.Equal(
            [("", "lost", 7.0), ("cabinet", "contact", 1), ("end", "tamper", 0), ("door", "passage", -1)],
            told.Select(e => (e.Sensor, e.Kind, e.Value)));
        Assert.Equal([5.0, 5.0, 5.0], told.Take(3).Select(e => e.At));
    }

    [Fact]
    public async Task A_chip_that_goes_away_ends_the_pipeline_with_its_reason()
    {
        using var pins = new ToldPins();
        var gone = await Assert.ThrowsAsync<PinsException>(() => Bench.PlayAsync(DoorAndCabinet, pins, async _ =>
        {
            await pins.TellAsync(1.0, 2, true);
            pins.GoAway("gpiochip0 gives no more edges: No such device");
        }));
        Assert.Equal("gpiochip0 gives no more edges: No such device", gone.Message);
    }

    /// <summary>Pins as the kernel's: debounced there, all levels inactive at the start.</summary>
    private sealed class ToldPins : IPins
    {
        private readonly Channel<PinEdge> _edges = Channel.CreateBounded<PinEdge>(16);
        private int _lines;

        public bool Debounces => true;

        public ChannelReader<PinEdge> Edges => _edges.Reader;

        public void Claim(IReadOnlyList<PinLine> lines) => _lines = lines.Count;

        public bool[] ReadLevels() => new bool[_lines];

        public ValueTask TellAsync(double at, int line, bool level, PinLoss? lost = null) =>
            _edges.Writer.WriteAsync(new PinEdge(line, level, (long)(at * 1e9), lost));

        public void GoAway(string why) => _edges.Writer.TryComplete(new PinsException(why));

        public void Dispose() => _edges.Writer.TryComplete();
    }
}
