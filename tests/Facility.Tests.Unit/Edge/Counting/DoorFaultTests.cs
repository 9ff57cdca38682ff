using Facility.Contracts.Mqtt;

namespace Facility.Tests.Unit.Edge.Counting;

/// <summary>When a door says that it cannot count, by its own pipeline; lines 0 and 1 are its beams, times are seconds.</summary>
public sealed class DoorFaultTests
{
    private static readonly (double, int, bool)[] Person = [(0, 0, true), (0.05, 1, true), (0.2, 0, false), (0.25, 1, false)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_blocked_beam_is_a_fault_within_60_s_until_it_is_clear_and_nobody_is_counted_meanwhile(int beam)
    {
        var told = await PlayAsync([(10, beam, true), .. Break(1 - beam, 30, 0.3), .. Break(1 - beam, 70, 0.3), (200, beam, false), .. At(201, Person)]);
        Assert.Equal([(EventKinds.Fault, 1.0), (EventKinds.Fault, 0), (EventKinds.Passage, 1)], told.Select(e => (e.Kind, e.Value)));
        Assert.InRange(told[0].At, 50, 70);
        Assert.InRange(told[1].At, 200, 201);
    }

    [Fact]
    public async Task Standing_in_a_beam_for_30_s_is_no_fault() =>
        Assert.Equal([(EventKinds.Passage, 1.0)], (await PlayAsync([(0, 0, true), (30, 1, true), (31, 0, false), (40, 1, false)])).Select(e => (e.Kind, e.Value)));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_beam_that_is_silent_while_its_partner_breaks_five_times_is_a_fault_until_both_break(int working)
    {
        var breaks = Enumerable.Range(0, 5).SelectMany(i => Break(working, 10 + i * 4, 0.3)).ToArray();
        var told = await PlayAsync([.. breaks, .. Break(working, 100, 0.3), .. At(300, Person)]);
        Assert.Equal([(EventKinds.Fault, 1.0), (EventKinds.Passage, 1), (EventKinds.Fault, 0)], told.Select(e => (e.Kind, e.Value)));
        Assert.InRange(told[0].At, 26, 70);
        Assert.InRange(told[2].At, 300, 301);
        Assert.Empty(await PlayAsync([.. breaks.Take(8)]));
    }

    [Fact]
    public async Task Five_touches_and_then_a_person_are_no_fault() =>
        Assert.DoesNotContain(
            await PlayAsync([.. Enumerable.Range(0, 6).SelectMany(i => Break(0, i * 3, 0.3)), .. At(30, Person)]), e => e.Kind == EventKinds.Fault);

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(5, 0.5)]
    [InlineData(20, 0.3)]
    [InlineData(200, 0.5)] // faster than the debounce
    public async Task A_flickering_beam_is_a_fault_within_60_s_and_until_it_rests(double hertz, double duty)
    {
        var flicker = Enumerable.Range(0, (int)(90 * hertz)).SelectMany(i => Break(0, 10 + i / hertz, duty / hertz)).ToArray();
        var told = await PlayAsync([.. flicker, .. At(130, Person)]);
        Assert.Equal([(EventKinds.Fault, 1.0), (EventKinds.Fault, 0), (EventKinds.Passage, 1)], told.Select(e => (e.Kind, e.Value)));
        Assert.InRange(told[0].At, 50, 70);
        Assert.InRange(told[1].At, 99, 111);
    }

    [Fact]
    public async Task A_flicker_is_noticed_while_people_pass()
    {
        var edges = Enumerable.Range(0, 90 * 8).SelectMany(i => Break(0, 10 + i / 8.0, 0.05))
            .Concat(Enumerable.Range(0, 30).SelectMany(i => Break(1, 10.03 + i * 3, 0.3))).OrderBy(e => e.Item1).ToArray();
        Assert.InRange((await PlayAsync(edges)).First(e => e.Kind == EventKinds.Fault).At, 50, 70);
    }

    [Fact]
    public async Task A_crowd_that_leaves_for_three_minutes_is_no_fault()
    {
        var told = await PlayAsync([.. Enumerable.Range(0, 300).SelectMany(i => At(i * 0.6, Person))]);
        Assert.All(told, e => Assert.Equal((EventKinds.Passage, 1.0), (e.Kind, e.Value)));
        Assert.Equal(300, told.Count);
    }

    [Fact]
    public async Task A_fault_from_before_a_restart_ends_with_the_first_passage()
    {
        var before = new[] { new DeviceEvent(1, DateTimeOffset.UnixEpoch, "door", EventKinds.Fault, 1) };
        var edges = Break(0, 1, 0.3).Concat(At(10, Person)).ToArray();
        Assert.Equal(
            [(EventKinds.Passage, 1.0), (EventKinds.Fault, 0)], (await Bench.PlayAsync(Bench.Door, edges, 60, before)).Select(e => (e.Kind, e.Value)));
    }

    [Fact]
    public async Task A_bounce_below_the_debounce_changes_nothing()
    {
        var random = new Random(7);
        for (var round = 0; round < 60; round++)
        {
            var (edges, bounced, at, broken) = (new List<(double, int, bool)>(), new List<(double, int, bool)>(), 1.0, new bool[2]);
            for (var i = random.Next(40); i > 0; i--)
            {
                // Not within a bounce of the gap between two people.
                at += 0.03 + random.NextDouble() * (random.Next(3) == 0 ? 0.3 : 0.05);
                at += Math.Abs(at - 0.1) < 0.02 ? 0.04 : 0;
                var beam = random.Next(2);
                broken[beam] = !broken[beam];
                edges.Add((at, beam, broken[beam]));
                bounced.AddRange([(at, beam, broken[beam]), (at + 0.002, beam, !broken[beam]), (at + 0.004, beam, broken[beam])]);
            }

            Assert.Equal((await PlayAsync([.. edges])).Select(e => (e.Kind, e.Value)), (await PlayAsync([.. bounced])).Select(e => (e.Kind, e.Value)));
        }
    }

    [Fact]
    public async Task Beams_that_bounce_differently_keep_their_order()
    {
        // A run through beams 5 cm apart; the first bounces for 20 ms, in pulses of 5 ms, as it breaks and as it clears.
        var bounces = new[] { 0, 5, 10, 15, 20 };
        var first = bounces.Select((ms, i) => (ms / 1000.0, 0, i % 2 == 0)).Concat(bounces.Select((ms, i) => (0.1 + ms / 1000.0, 0, i % 2 == 1)));
        (double, int, bool)[] second = [(0.017, 1, true), (0.117, 1, false)];
        Assert.Equal((EventKinds.Passage, 1.0), (await PlayAsync([.. first.Concat(second).OrderBy(e => e.Item1)])).Select(e => (e.Kind, e.Value)).Single());
    }

    private static (double, int, bool)[] Break(int beam, double at, double seconds) => [(at, beam, true), (at + seconds, beam, false)];

    private static IEnumerable<(double, int, bool)> At(double at, (double At, int Beam, bool Broken)[] edges) => edges.Select(e => (at + e.At, e.Beam, e.Broken));

    private static Task<List<(double At, string Sensor, string Kind, double Value)>> PlayAsync(IReadOnlyList<(double At, int, bool)> edges) =>
        Bench.PlayAsync(Bench.Door, edges, edges.Select(e => e.At).DefaultIfEmpty(0).Max() + 30);
}
