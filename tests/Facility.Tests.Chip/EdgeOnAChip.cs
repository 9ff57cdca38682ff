using Facility.Contracts.Mqtt;

namespace Facility.Tests.Chip;

/// <summary>
/// The published program from the pins of a chip to a broker: what it tells, in which order, and with which time. It runs in the
/// VM; the test OnAChip of Facility.Tests.Integration brings it there.
/// </summary>
[Collection(RealChip.OneAtATime)]
public sealed class EdgeOnAChip
{
    // The kernel stamps an edge that it debounced when its timer runs: the period after, and a few ticks of 4 ms. Beams are
    // debounced by the program, and have the time of the edge itself.
    private const double TimerMs = 10;

    [Fact]
    public async Task Every_kind_of_sensor_tells_what_its_line_does_with_the_time_of_the_kernel()
    {
        await using var edge = await RunningEdge.StartAsync();
        var (urgent, ordinary) = (edge.Server.InOrder(true).Count, edge.Server.InOrder(false).Count);

        // aed-door is active low. The contacts bounce; 2 s after the last movement nobody is there.
        (int Line, bool High, string Sensor, string Kind, double Value, double DebounceMs)[] told =
        [
            (9, false, "aed-door", EventKinds.Contact, 1, 20),
            (10, true, "aed-present", EventKinds.Present, 1, 20),
            (11, true, "aed-tamper", EventKinds.Tamper, 1, 20),
            (12, true, "help-button", EventKinds.Button, 1, 30),
            (13, true, "fire-panel", EventKinds.Alarm, 1, 20),
            (12, false, "help-button", EventKinds.Button, 0, 30),
            (9, true, "aed-door", EventKinds.Contact, 0, 20),
            (13, false, "fire-panel", EventKinds.Alarm, 0, 20),
        ];
        Move[] moves = [.. told.SelectMany((step, i) => Bouncing(new Move(i * 120, step.Line, step.High))), new(1000, 8, true), new(1100, 8, false)];
        var moments = edge.Lines.Play(moves);

        var events = await edge.EventsAsync(true, urgent, told.Length);
        Assert.Equal(told.Select(step => (step.Sensor, step.Kind, step.Value)), events.Select(e => (e.Sensor, e.Kind, e.Value)));
        for (var i = 0; i < told.Length; i++)
        {
            var (first, last) = (moments[i * BouncesPerMove], moments[i * BouncesPerMove + BouncesPerMove - 1]);
            AssertAt(events[i], new Moment(first.Earliest, last.Latest), told[i].DebounceMs + TimerMs);
        }

        var presence = await edge.EventsAsync(false, ordinary, 2);
        Assert.Equal([("hall-pir", 1), ("hall-pir", 0)], presence.Select(e => (e.Sensor, e.Value)));
        AssertAt(presence[0], moments[^2], 20 + TimerMs);
        AssertAt(presence[1] with { At = presence[1].At.AddSeconds(-2) }, moments[^1], 20 + TimerMs);
    }

    [Fact]
    public async Task A_counter_with_pulses_a_single_beam_and_a_call_button_tell_what_they_can()
    {
        await using var edge = await RunningEdge.StartAsync();
        var (urgent, ordinary) = (edge.Server.InOrder(true).Count, edge.Server.InOrder(false).Count);

        // Each press calls; the second, of 1.5 s, cancels after 1 s.
        var moments = edge.Lines.Play(
        [
            new(0, 22, true), new(60, 22, false), new(300, 23, true), new(360, 23, false), new(600, 22, true), new(660, 22, false),
            new(1000, 24, true), new(1200, 24, false),
            new(2000, 25, true), new(2300, 25, false), new(4000, 25, true), new(5500, 25, false),
        ]);
        var counted = await edge.EventsAsync(false, ordinary, 4);
        Assert.Equal([("gate", "passage", 1), ("gate", "passage", -1), ("gate", "passage", 1), ("back-door", "crossing", 1)], counted.Select(e => (e.Sensor, e.Kind, e.Value)));
        foreach (var (i, late) in ((int, double)[])[(0, 8), (2, 8), (4, 8), (7, 0)])
        {
            AssertAt(counted[i / 2], moments[i], late == 0 ? 0 : late + TimerMs);
        }

        var calls = await edge.EventsAsync(true, urgent, 3);
        Assert.Equal([("call-button", 1), ("call-button", 1), ("call-button", 0)], calls.Select(e => (e.Sensor, e.Value)));
        AssertAt(calls[0], moments[8], 20 + TimerMs);
        AssertAt(calls[1], moments[10], 20 + TimerMs);
        AssertAt(calls[2] with { At = calls[2].At.AddSeconds(-1) }, moments[10], 20 + TimerMs);
    }

    [Fact]
    public async Task A_temperature_is_read_from_a_file_of_the_kernel_and_one_that_cannot_be_read_is_a_fault_until_it_can()
    {
        await using var edge = await RunningEdge.StartAsync();
        var (urgent, ordinary) = (edge.Server.InOrder(true).Count, edge.Server.InOrder(false).Count);
        Assert.Contains(edge.Server.InOrder(false), e => e is { Sensor: "hall-temp", Kind: EventKinds.Temperature, Value: 21.44 });
        await File.WriteAllTextAsync(edge.Thermometer, "-3250\n");
        Assert.Equal([("hall-temp", -3.25)], (await edge.EventsAsync(false, ordinary, 1)).Select(e => (e.Sensor, e.Value)));
        await File.WriteAllTextAsync(edge.Thermometer, "");
        Assert.Equal([("hall-temp", EventKinds.Fault, 1)], (await edge.EventsAsync(true, urgent, 1)).Select(e => (e.Sensor, e.Kind, e.Value)));
        await File.WriteAllTextAsync(edge.Thermometer, "-3250\n");
        Assert.Equal([("hall-temp", EventKinds.Fault, 0)], (await edge.EventsAsync(true, urgent + 1, 1)).Select(e => (e.Sensor, e.Kind, e.Value)));
    }

    [Fact]
    public async Task People_at_four_doors_at_once_are_counted_at_every_speed_and_those_who_turn_back_are_not()
    {
        await using var edge = await RunningEdge.StartAsync();
        var (urgent, ordinary) = (edge.Server.InOrder(true).Count, edge.Server.InOrder(false).Count);
        var plan = new List<(Move Move, string? Passage)>();
        for (var door = 0; door < 4; door++)
        {
            var at = 100.0 + 37 * door;

            // Each door has the same walks from another one on; the beams of the last two doors bounce.
            foreach (var walk in Walk.All.Skip(door * 4).Concat(Walk.All.Take(door * 4)))
            {
                var moves = walk.Beams.SelectMany(beam => IsBouncing(door)
                    ? Bouncing(new Move(at + beam.AtMs, 2 * door + beam.Beam, beam.Broken)) : [new Move(at + beam.AtMs, 2 * door + beam.Beam, beam.Broken)]).ToList();
                plan.AddRange(moves.Select((move, i) => (move, walk.Passage != 0 && i == moves.Count - 1 ? $"door-{door} {walk.Passage}" : null)));
                at += walk.EndMs + 400;
            }
        }

        plan = [.. plan.OrderBy(step => step.Move.AtMs)];
        var moments = edge.Lines.Play([.. plan.Select(step => step.Move)]);
        var expected = plan.Select((step, i) => (step.Passage, Moment: moments[i])).Where(step => step.Passage is not null).ToList();
        var events = await edge.EventsAsync(false, ordinary, expected.Count);
        Assert.Equal(40, expected.Count);
        Assert.All(events, e => Assert.Equal(EventKinds.Passage, e.Kind));
        Assert.Equal(expected.Select(step => step.Passage).Order(), events.Select(e => $"{e.Sensor} {e.Value}").Order());
        Assert.Equal(events.Select(e => e.At).Order(), events.Select(e => e.At));
        foreach (var door in expected.GroupBy(step => step.Passage![..6]))
        {
            var itsEvents = events.Where(e => e.Sensor == door.Key).ToList();
            Assert.Equal(door.Select(step => step.Passage), itsEvents.Select(e => $"{e.Sensor} {e.Value}"));
            foreach (var (step, e) in door.Zip(itsEvents))
            {
                // A change that bounces has any time from its first edge to its last.
                AssertAt(e, step.Moment with { Earliest = step.Moment.Earliest.AddMilliseconds(IsBouncing(door.Key[^1] - '0') ? -BounceMs - 1 : 0) }, 0);
            }
        }

        Assert.Equal(urgent, edge.Server.InOrder(true).Count);
    }

    [Fact]
    public async Task A_burst_of_2000_edges_on_eight_lines_arrives_whole_and_in_order()
    {
        await using var edge = await RunningEdge.StartAsync();
        var (urgent, ordinary) = (edge.Server.InOrder(true).Count, edge.Server.InOrder(false).Count);
        var burst = Burst(2000);
        var moments = edge.Lines.Burst(burst);
        AssertAre(burst, moments, await edge.EventsAsync(true, urgent, burst.Length));
        Assert.Equal(ordinary, edge.Server.InOrder(false).Count);
    }

    [Fact]
    public async Task What_the_queue_of_the_kernel_could_not_hold_is_told_as_lost_and_then_the_levels()
    {
        const int Edges = 3000;
        const int Held = 1024;
        await using var edge = await RunningEdge.StartAsync();
        var (urgent, ordinary) = (edge.Server.InOrder(true).Count, edge.Server.InOrder(false).Count);
        var burst = Burst(Edges);
        await edge.StandStillAsync();
        var moments = edge.Lines.Burst(burst);
        await edge.GoOnAsync();

        var lost = (await edge.EventsAsync(false, ordinary, 2))[0];
        Assert.Equal((EventKinds.Lost, Edges - Held), (lost.Kind, lost.Value));
        AssertAt(lost, moments[^Held], 0);

        const int Levels = RunningEdge.UrgentLevels;
        var events = await edge.EventsAsync(true, urgent, Levels + Held);
        var levels = burst[..^Held].GroupBy(move => move.Line).ToDictionary(line => $"fast-{line.Key - RunningEdge.FirstFastLine}", line => line.Last().High ? 1.0 : 0);
        Assert.All(events.Take(Levels), e => Assert.Equal(levels.GetValueOrDefault(e.Sensor), e.Value));
        Assert.Equal(Levels, events.Take(Levels).Select(e => e.Sensor).Distinct().Count());
        AssertAre(burst[^Held..], moments[^Held..], [.. events.Skip(Levels)]);
    }

    private static Move[] Burst(int edges) =>
        [.. Enumerable.Range(0, edges).Select(i => new Move(0, RunningEdge.FirstFastLine + i % RunningEdge.FastLines, i / RunningEdge.FastLines % 2 == 0))];

    private static void AssertAre(IReadOnlyList<Move> moves, IReadOnlyList<Moment> moments, IReadOnlyList<DeviceEvent> events)
    {
        Assert.Equal(
            moves.Select(move => ($"fast-{move.Line - RunningEdge.FirstFastLine}", move.High ? 1.0 : 0)), events.Select(e => (e.Sensor, e.Value)));
        for (var i = 0; i < events.Count; i++)
        {
            AssertAt(events[i], moments[i], 0);
        }
    }

    private const int BouncesPerMove = 5;
    private const double BounceMs = 5;

    private static bool IsBouncing(int door) => door >= 2;

    // Pulses of 1 to 2 ms for 5 ms, as a contact gives.
    private static IEnumerable<Move> Bouncing(Move move) =>
        new[] { 0.0, 1, 2, 4, 5 }.Select((ms, i) => move with { AtMs = move.AtMs + ms, High = move.High == (i % 2 == 0) });

    private static void AssertAt(DeviceEvent e, Moment moment, double lateMs) =>
        Assert.True(
            e.At >= moment.Earliest.AddMilliseconds(-1) && e.At <= moment.Latest.AddMilliseconds(lateMs),
            $"{e.Sensor} {e.Value} is at {e.At:HH:mm:ss.fff}; it was moved between {moment.Earliest:HH:mm:ss.ffff} and {moment.Latest:HH:mm:ss.ffff}, and may be {lateMs} ms late");
}
