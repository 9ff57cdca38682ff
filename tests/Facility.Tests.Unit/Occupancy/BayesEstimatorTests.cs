using CsCheck;
using Facility.Domain.Occupancy;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Occupancy;

public sealed class BayesEstimatorTests
{
    private static readonly DateTimeOffset Ten = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Persons_move_through_doors_and_the_site_is_the_sum()
    {
        var estimator = Estimator();
        Pass(estimator, Ten, "main", 3);
        Pass(estimator, Ten, "meeting", 2);
        Assert.Equal((3, 1, 2), (Of(estimator, "site").Estimate, Of(estimator, "hall").Estimate, Of(estimator, "meeting").Estimate));
        Pass(estimator, Ten, "meeting", -5);
        Assert.Equal(0, Of(estimator, "meeting").Estimate);
    }

    [Fact]
    public void An_hour_after_closing_the_site_is_empty_and_a_later_cleaner_counts()
    {
        var estimator = Estimator();
        Pass(estimator, Ten, "main", 3);
        estimator.Advance(Ten.AddHours(1));
        Assert.Equal(3, Of(estimator, "site").Estimate);
        estimator.Advance(Ten.AddHours(14).AddMinutes(1));
        Assert.Equal(0, Of(estimator, "site").Estimate);
        Pass(estimator, Ten.AddHours(15), "main", 1);
        Assert.Equal(1, Of(estimator, "site").Estimate);
        estimator.Advance(Ten.AddHours(18));
        Assert.Equal(0, Of(estimator, "site").Estimate);
    }

    [Fact]
    public void A_room_that_nobody_is_seen_in_for_half_an_hour_is_empty_and_one_that_is_seen_occupied_is_not()
    {
        var estimator = Estimator();
        Pass(estimator, Ten, "main", 1);
        Pass(estimator, Ten, "consult-1", 1);
        estimator.Observe(new PresenceObserved(Ten, Ten, true, "consult-1", "consult-1", false));
        estimator.Advance(Ten.AddMinutes(1));
        Assert.Equal(1, Of(estimator, "consult-1").Estimate);
        estimator.Advance(Ten.AddMinutes(31));
        Assert.Equal(0, Of(estimator, "consult-1").Estimate);
        estimator.Observe(new PresenceObserved(Ten.AddMinutes(31), Ten.AddMinutes(31), true, "consult-1", "consult-1", true));
        Assert.Equal((1, true), (Of(estimator, "consult-1").Estimate, Of(estimator, "consult-1").Presence));
    }

    [Fact]
    public void A_late_passage_from_before_the_zero_is_not_counted()
    {
        var estimator = Estimator();
        estimator.Advance(Ten);
        estimator.Advance(Ten.AddHours(20));
        estimator.Observe(new PassageObserved(Ten.AddHours(20), Ten, true, "main", 4));
        Assert.Equal(0, Of(estimator, "site").Estimate);
    }

    [Fact]
    public void A_device_that_is_not_heard_makes_its_figures_stale()
    {
        var estimator = Estimator();
        Assert.True(Of(estimator, "site").Stale);
        Pass(estimator, Ten, "main", 1);
        Assert.False(Of(estimator, "site").Stale);
        estimator.Observe(new DeviceReachable(Ten, "ratelaar-01", false));
        Assert.True(Of(estimator, "hall").Stale);
    }

    [Fact]
    public void Restoring_anywhere_and_advancing_oftener_change_nothing() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[-3, 3], Gen.Int[0, 4000]).Array[1, 60].Sample(moves =>
        {
            var (straight, broken) = (Estimator(), Estimator());
            var at = Ten;
            straight.Advance(at);
            foreach (var (portal, persons, seconds) in moves)
            {
                for (var t = at; t < at.AddSeconds(seconds); t = t.AddSeconds(997))
                {
                    broken.Advance(t);
                }

                at = at.AddSeconds(seconds);
                var id = Seeds.Ratelaar.Portals[portal].Id;
                Pass(straight, at, id, persons);
                var next = Estimator();
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
        var (estimator, at) = (Estimator(), new DateTimeOffset(2026, 11, 24, 10, 0, 0, TimeSpan.Zero));
        estimator.Advance(at);
        for (var i = 0; i < 3; i++)
        {
            estimator.Observe(new EventsLost(at, "ratelaar-01", long.MaxValue / 2));
        }

        var hall = Of(estimator, "hall");
        Assert.Equal((0, 0, 100), (hall.Low, hall.Estimate, hall.High));
    }

    [Fact]
    public void A_device_that_is_not_heard_widens_the_interval_until_it_is_heard_again()
    {
        var estimator = Estimator();
        for (var i = 0; i < 30; i++)
        {
            Pass(estimator, Ten.AddMinutes(i), "main", i % 3 == 2 ? -1 : 1);
        }

        estimator.Observe(new DeviceReachable(Ten.AddMinutes(30), "ratelaar-01", false));
        var widths = new List<int>();
        for (var hour = 0; hour < 4; hour++)
        {
            estimator.Advance(Ten.AddMinutes(31).AddHours(hour));
            widths.Add(Of(estimator, "hall").High - Of(estimator, "hall").Low);
        }

        Assert.Equal(widths.Order().Distinct(), widths);
        Pass(estimator, Ten.AddHours(4), "main", 1);
        estimator.Advance(Ten.AddHours(4).AddMinutes(1));
        Assert.True(Of(estimator, "hall").High - Of(estimator, "hall").Low < widths[1]);
    }

    [Fact]
    public void A_persons_own_count_nearly_settles_a_zone_and_the_site_follows()
    {
        var estimator = Estimator();
        Pass(estimator, Ten, "main", 20);
        estimator.Observe(new PeopleCounted(Ten, Ten, "hall", 27));
        Assert.InRange(Of(estimator, "hall").Estimate, 26, 28);
        Assert.InRange(Of(estimator, "site").Estimate, 26, 28);
        estimator.Observe(new PeopleCounted(Ten, Ten, "site", 24));
        Assert.InRange(Of(estimator, "hall").Estimate, 23, 25);
        Assert.InRange(Of(estimator, "site").High - Of(estimator, "site").Low, 0, 4);
    }

    [Fact]
    public void A_room_that_people_come_out_of_after_long_silences_is_not_called_empty_so_soon()
    {
        // Two rooms whose two people sit silently for hours: one of them has done so for a week before.
        var (knowing, fresh) = (new BayesEstimator(Site), new BayesEstimator(Site));
        for (var day = 7; day > 0; day--)
        {
            Sit(knowing, Ten.AddDays(-day), -2);
        }

        var (learned, unlearned) = (Sit(knowing, Ten, 0), Sit(fresh, Ten, 0));
        Assert.True(learned.High - learned.Low <= 6 && learned.Estimate >= unlearned.Estimate, $"{learned} after a week, {unlearned} at first");
        Assert.True(learned.Estimate > 0, $"{learned}");

        static ZoneEstimate Sit(BayesEstimator estimator, DateTimeOffset at, int then)
        {
            Pass(estimator, at, "meeting", 2);
            estimator.Advance(at.AddHours(5));
            var sitting = Of(estimator, "meeting");
            for (; then < 0; then++)
            {
                Pass(estimator, at.AddHours(5), "meeting", -1);
            }

            return sitting;
        }
    }

    [Fact]
    public void A_site_whose_outer_doors_do_not_count_is_the_sum_of_its_rooms()
    {
        var estimator = new BayesEstimator(Site with { Portals = [.. Site.Portals.Where(p => p.Id != "main")] });
        Pass(estimator, Ten, "meeting", 4);
        Assert.Equal((4, 4), (Of(estimator, "meeting").Estimate, Of(estimator, "site").Estimate));
    }

    [Fact]
    public void A_snapshot_of_another_layout_or_version_or_of_nonsense_is_refused()
    {
        var estimator = Estimator();
        Assert.False(estimator.Restore("{}"u8));
        Assert.False(estimator.Restore("nonsense"u8));
        Assert.False(estimator.Restore(new BayesEstimator(Site with { Zones = [Site.Zones[0]] }).Snapshot()));
        Assert.True(estimator.Restore(Estimator().Snapshot()));
    }

    private static BayesEstimator Estimator() => new(Site);

    private static readonly Facility.Contracts.Places.Site Site = Seeds.Ratelaar;

    private static void Pass(BayesEstimator estimator, DateTimeOffset at, string portal, int persons)
    {
        estimator.Advance(at);
        estimator.Observe(new PassageObserved(at, at, true, portal, persons));
    }

    private static ZoneEstimate Of(BayesEstimator estimator, string zone) => estimator.Read().Single(e => e.Zone == zone);
}
