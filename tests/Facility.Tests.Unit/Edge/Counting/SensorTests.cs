using Facility.Contracts.Mqtt;

namespace Facility.Tests.Unit.Edge.Counting;

/// <summary>Every other sensor with lines, through the pipeline; times are seconds.</summary>
public sealed class SensorTests
{
    [Fact]
    public async Task A_counter_with_a_pulse_line_per_direction_counts_pulses_and_a_line_that_stays_active_is_a_fault()
    {
        var told = await Bench.PlayAsync(
            """{"id":"door","kind":"passage","pulses":[0,1]}""",
            [.. Pulse(0, 1, 0.05), .. Pulse(0, 1.1, 0.05), .. Pulse(1, 2, 0.05), (3, 0, true), .. Pulse(1, 60, 0.05), (90, 0, false)],
            100);
        Assert.Equal(
            [("passage", 1.0), ("passage", 1), ("passage", -1), ("passage", 1), ("fault", 1), ("passage", -1), ("fault", 0)],
            told.Select(e => (e.Kind, e.Value)));
        Assert.Equal(48, told[4].At, 1);
    }

    [Fact]
    public async Task A_pulse_line_that_flickers_is_a_fault_and_counts_no_more()
    {
        var told = await Bench.PlayAsync(
            """{"id":"door","kind":"passage","pulses":[0,1]}""", [.. Enumerable.Range(0, 1000).SelectMany(i => Pulse(0, 1 + i * 0.1, 0.04))], 130);
        Assert.InRange(told.Single(e => (e.Kind, e.Value) == ("fault", 1)).At, 46, 60);
        Assert.InRange(told.Single(e => (e.Kind, e.Value) == ("fault", 0)).At, 101, 112);
        Assert.DoesNotContain(told, e => e.Kind == EventKinds.Passage && e.At is > 60 and < 101);
    }

    [Fact]
    public async Task One_beam_tells_crossings_and_never_a_passage()
    {
        var told = await Bench.PlayAsync(
            """{"id":"door","kind":"passage","beam":0}""",
            [.. Pulse(0, 1, 0.3), .. Pulse(0, 2, 0.1), .. Pulse(0, 2.15, 0.1), .. Pulse(0, 3, 100), .. Enumerable.Range(0, 120).SelectMany(i => Pulse(0, 110 + i * 0.7, 0.3))],
            200);
        Assert.Equal([("crossing", 1.0), ("crossing", 1), ("fault", 1), ("fault", 0)], told.Take(4).Select(e => (e.Kind, e.Value)));
        Assert.Equal((1.3, 2.25), (Math.Round(told[0].At, 3), Math.Round(told[1].At, 3)));
        Assert.Equal(120, told.Skip(4).Count(e => (e.Kind, e.Value) == ("crossing", 1)));
        Assert.Equal(124, told.Count);
    }

    [Fact]
    public async Task A_presence_output_is_held_and_is_stuck_when_active_for_too_long()
    {
        var told = await Bench.PlayAsync(
            """{"id":"pir","kind":"presence","pin":0,"holdSeconds":5,"stuckSeconds":60}""", [.. Pulse(0, 1, 2), .. Pulse(0, 6, 0.5), .. Pulse(0, 20, 100)], 200);
        Assert.Equal(
            [("presence", 1.0), ("presence", 0), ("presence", 1), ("fault", 1), ("fault", 0), ("presence", 0)], told.Select(e => (e.Kind, e.Value)));
        Assert.Equal([1, 11.5, 20, 80, 120, 125], told.Select(e => Math.Round(e.At, 3)));
    }

    [Fact]
    public async Task A_call_stands_after_the_button_is_released_and_a_later_long_press_cancels_it()
    {
        const string Button = """{"id":"help","kind":"button","pin":0,"cancelSeconds":3}""";
        var told = await Bench.PlayAsync(Button, [.. Pulse(0, 1, 10), .. Pulse(0, 20, 0.5), .. Pulse(0, 30, 4), .. Pulse(0, 40, 0.5)], 60);

        // The first press was long: it called and did not cancel. A later one calls again, and cancels when it lasts.
        Assert.Equal([(1, 1.0), (20, 1), (30, 1), (33, 0), (40, 1)], told.Select(e => (Math.Round(e.At, 3), e.Value)));
    }

    [Fact]
    public async Task A_button_without_a_call_to_keep_tells_pressed_and_released() =>
        Assert.Equal(
            [(1, 1.0), (1.5, 0)],
            (await Bench.PlayAsync("""{"id":"help","kind":"button","pin":0}""", [.. Pulse(0, 1, 0.5), .. Pulse(0, 3, 0.015)], 60)).Select(e => (Math.Round(e.At, 3), e.Value)));

    [Theory]
    [InlineData("contact")]
    [InlineData("present")]
    [InlineData("tamper")]
    [InlineData("alarm")]
    public async Task A_contact_tells_its_level_once_it_held(string kind) =>
        Assert.Equal(
            [(1, kind, 1.0), (9, kind, 0)],
            (await Bench.PlayAsync($$"""{"id":"x","kind":"{{kind}}","pin":0}""", [(0.5, 0, true), (0.51, 0, false), (1, 0, true), (9, 0, false)], 60))
                .Select(e => (Math.Round(e.At, 3), e.Kind, e.Value)));

    private static (double, int, bool)[] Pulse(int line, double at, double seconds) => [(at, line, true), (at + seconds, line, false)];

    [Fact]
    public async Task A_call_from_before_a_restart_stands_until_it_is_cancelled()
    {
        var before = new[] { new DeviceEvent(1, DateTimeOffset.UnixEpoch, "help", EventKinds.Button, 1) };
        const string Help = """{"id":"help","kind":"button","pin":7,"cancelSeconds":3,"debounceMs":0}""";
        Assert.Empty(await Bench.PlayAsync(Help, [], 60, before));
        Assert.Equal(
            [(10.0, EventKinds.Button, 1.0), (13.0, EventKinds.Button, 0.0)],
            (await Bench.PlayAsync(Help, [(10, 0, true), (15, 0, false)], 60, before)).Select(e => (e.At, e.Kind, e.Value)));
    }
}
