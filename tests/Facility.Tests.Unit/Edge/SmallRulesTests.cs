using Facility.Edge.Domain;

namespace Facility.Tests.Unit.Edge;

public class SmallRulesTests
{
    [Fact]
    public void A_pulse_shorter_than_the_period_is_never_seen()
    {
        var state = Debouncer.At(false, 0).Step(true, 100, 100).Step(false, 150, 100);
        Assert.Null(state.DueNs(100));
        Assert.False(state.Settle(10_000, 100).Changed);
    }

    [Fact]
    public void A_level_that_holds_is_reported_once_with_the_time_at_which_it_began()
    {
        var bouncing = Debouncer.At(false, 0).Step(true, 100, 100).Step(false, 110, 100).Step(true, 120, 100);
        Assert.Equal(220, bouncing.DueNs(100));
        Assert.False(bouncing.Settle(219, 100).Changed);
        var (settled, changed) = bouncing.Settle(220, 100);
        Assert.True(changed);
        Assert.Equal((true, 100), (settled.Stable, settled.BeganNs));
        Assert.False(settled.Settle(400, 100).Changed);
    }

    [Fact]
    public void A_line_that_bounces_on_and_on_began_at_most_three_periods_before_it_settles()
    {
        var state = Debouncer.At(false, 0);
        for (var i = 1; i < 100; i++)
        {
            state = state.Step(i % 2 == 1, 1000 + i * 9, 10);
        }

        Assert.Equal((1901L, 1871L), (state.DueNs(10), state.BeganNs));
    }

    [Fact]
    public void Presence_ends_a_while_after_the_last_movement()
    {
        var (state, began) = default(PresenceHold).Step(true, 0);
        Assert.True(began);
        (state, _) = state.Step(false, 10);
        (state, var again) = state.Step(true, 50);
        Assert.False(again);
        (state, _) = state.Step(false, 60);
        Assert.False(state.Settle(159, 100).Changed);
        var (ended, changed) = state.Settle(160, 100);
        Assert.True(changed);
        Assert.False(ended.Present);
    }

    [Fact]
    public void A_value_is_reported_first_when_it_moved_enough_and_when_it_is_too_long_ago()
    {
        var (state, first) = default(Deadband).Step(20, 0, 0.5, 1000);
        (state, var little) = state.Step(20.4, 10, 0.5, 1000);
        (state, var enough) = state.Step(20.5, 20, 0.5, 1000);
        (_, var late) = state.Step(20.5, 1020, 0.5, 1000);
        Assert.Equal((true, false, true, true), (first, little, enough, late));
    }

    [Theory]
    [InlineData(0, 0.0, 0.5)]
    [InlineData(0, 1.0, 1)]
    [InlineData(3, 1.0, 8)]
    [InlineData(30, 1.0, 60)]
    [InlineData(1000, 0.0, 30)]
    public void Backoff_doubles_to_its_longest_and_draws_half(int attempt, double jitter, double seconds) =>
        Assert.Equal(seconds, Backoff.Delay(attempt, jitter, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60)).TotalSeconds, 6);

    [Fact]
    public void A_kernel_timestamp_becomes_wall_time_in_milliseconds()
    {
        var reading = new ClockReading(5_000_000_000, new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero), true);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 8, 59, 59, 876, TimeSpan.Zero), reading.ToWall(4_876_543_210));
    }

    [Theory]
    [InlineData("1970-01-01")]
    [InlineData("2021-06-01")]
    [InlineData("2054-06-01")]
    public void A_time_of_an_unset_clock_counts_from_boot_and_is_right_once_corrected(string unset)
    {
        var before = new ClockReading(5_000_000_000, DateTimeOffset.Parse(unset, System.Globalization.CultureInfo.InvariantCulture), false);
        var at = before.ToWall(4_876_543_210);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(4876), at);
        var set = new ClockReading(65_000_000_000, new DateTimeOffset(2026, 11, 24, 9, 1, 0, TimeSpan.Zero), true);
        Assert.Equal(set.ToWall(4_876_543_210), at + set.Correction);
    }
}
