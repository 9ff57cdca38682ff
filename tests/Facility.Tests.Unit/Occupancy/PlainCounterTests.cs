using CsCheck;
using Facility.Domain.Occupancy;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Occupancy;

public sealed class PlainCounterTests
{
    private static readonly DateTimeOffset Ten = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Persons_move_through_doors_and_the_site_is_the_sum()
    {
        var counter = Counter();
        Pass(counter, Ten, "main", 3);
        Pass(counter, Ten, "meeting", 2);
        Assert.Equal((3, 1, 2), (Of(counter, "site").Estimate, Of(counter, "hall").Estimate, Of(counter, "meeting").Estimate));
        Pass(counter, Ten, "meeting", -5);
        Assert.Equal(0, Of(counter, "meeting").Estimate);
    }

    [Fact]
    public void An_hour_after_closing_the_site_is_empty_and_a_later_cleaner_counts()
    {
        var counter = Counter();
        Pass(counter, Ten, "main", 3);
        counter.Advance(Ten.AddHours(13).AddMinutes(59));
        Assert.Equal(3, Of(counter, "site").Estimate);
        counter.Advance(Ten.AddHours(14).AddMinutes(1));
        Assert.Equal(0, Of(counter, "site").Estimate);
        Pass(counter, Ten.AddHours(15), "main", 1);
        Assert.Equal(1, Of(counter, "site").Estimate);
        counter.Advance(Ten.AddHours(18));
        Assert.Equal(0, Of(counter, "site").Estimate);
    }

    [Fact]
    public void A_room_that_nobody_is_seen_in_for_half_an_hour_is_empty_and_one_that_is_seen_occupied_is_not()
    {
        var counter = Counter();
        Pass(counter, Ten, "main", 1);
        Pass(counter, Ten, "consult-1", 1);
        counter.Observe(new PresenceObserved(Ten, Ten, true, "consult-1", "consult-1", false));
        counter.Advance(Ten.AddMinutes(29));
        Assert.Equal(1, Of(counter, "consult-1").Estimate);
        counter.Advance(Ten.AddMinutes(31));
        Assert.Equal(0, Of(counter, "consult-1").Estimate);
        counter.Observe(new PresenceObserved(Ten.AddMinutes(31), Ten.AddMinutes(31), true, "consult-1", "consult-1", true));
        Assert.Equal((1, true), (Of(counter, "consult-1").Estimate, Of(counter, "consult-1").Presence));
    }

    [Fact]
    public void A_late_passage_from_before_the_zero_is_not_counted()
    {
        var counter = Counter();
        counter.Advance(Ten);
        counter.Advance(Ten.AddHours(20));
        counter.Observe(new PassageObserved(Ten.AddHours(20), Ten, true, "main", 4));
        Assert.Equal(0, Of(counter, "site").Estimate);
    }

    [Fact]
    public void A_device_that_is_not_heard_makes_its_figures_stale()
    {
        var counter = Counter();
        Assert.True(Of(counter, "site").Stale);
        Pass(counter, Ten, "main", 1);
        Assert.False(Of(counter, "site").Stale);
        counter.Observe(new DeviceReachable(Ten, "ratelaar-01", false));
        Assert.True(Of(counter, "hall").Stale);
    }

    [Fact]
    public void Restoring_anywhere_and_advancing_oftener_change_nothing() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[-3, 3], Gen.Int[0, 4000]).Array[1, 60].Sample(moves =>
        {
            var (straight, broken) = (Counter(), Counter());
            var at = Ten;
            foreach (var (portal, persons, seconds) in moves)
            {
                for (var t = at; t < at.AddSeconds(seconds); t = t.AddSeconds(997))
                {
                    broken.Advance(t);
                }

                at = at.AddSeconds(seconds);
                var id = Seeds.Ratelaar.Portals[portal].Id;
                Pass(straight, at, id, persons);
                var next = Counter();
                Assert.True(next.Restore(broken.Snapshot()));
                broken = next;
                Pass(broken, at, id, persons);
            }

            Assert.Equal(straight.Read(), broken.Read());
            Assert.All(straight.Read(), e => Assert.True(0 <= e.Low && e.Low <= e.Estimate && e.Estimate <= e.High));
        }, iter: 30);

    [Fact]
    public void Absurd_losses_widen_the_interval_to_the_room_and_never_below_it()
    {
        var (counter, at) = (Counter(), new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));
        counter.Advance(at);
        for (var i = 0; i < 3; i++)
        {
            counter.Observe(new EventsLost(at, "ratelaar-01", long.MaxValue / 2));
        }

        var hall = Of(counter, "hall");
        Assert.Equal((0, 0, 100), (hall.Low, hall.Estimate, hall.High));
    }

    private static PlainCounter Counter() => new(Site);

    private static readonly Facility.Contracts.Places.Site Site = Seeds.Ratelaar;

    private static void Pass(PlainCounter counter, DateTimeOffset at, string portal, int persons)
    {
        counter.Advance(at);
        counter.Observe(new PassageObserved(at, at, true, portal, persons));
    }

    private static ZoneEstimate Of(PlainCounter counter, string zone) => counter.Read().Single(e => e.Zone == zone);
}
