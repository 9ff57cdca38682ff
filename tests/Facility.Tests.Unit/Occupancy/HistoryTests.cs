using Facility.Domain.Occupancy;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Occupancy;

public sealed class HistoryTests
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_mean_is_weighted_by_time_and_nothing_stands_before_the_first_change()
    {
        EstimateStep[] steps = [new(Nine.AddMinutes(15), 10, 9, 11), new(Nine.AddMinutes(20), 40, 35, 45)];
        var points = TimeWeighted.Points(steps, Nine, Nine.AddMinutes(45), TimeSpan.FromMinutes(15), Nine.AddDays(1)).ToArray();
        Assert.Equal([Nine.AddMinutes(15), Nine.AddMinutes(30)], points.Select(p => p.At));
        Assert.Equal((30.0, 40, 9, 45), (points[0].Mean, points[0].Max, points[0].Low, points[0].High));
        Assert.Equal((40.0, 40, 35, 45), (points[1].Mean, points[1].Max, points[1].Low, points[1].High));
    }

    [Fact]
    public void Crowding_is_by_local_hour_and_shares_are_of_time()
    {
        EstimateStep[] steps = [new(Nine, 0, 0, 0), new(Nine.AddMinutes(30), 9, 9, 9), new(Nine.AddMinutes(45), 11, 11, 11)];
        var cells = CrowdingTable.Of(steps, Nine, Nine.AddHours(1), TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam"), 10, Nine.AddDays(1));
        var cell = Assert.Single(cells);
        Assert.Equal((2, 10, 5.0, 11.0, 0.5, 0.25), (cell.Weekday, cell.Hour, cell.Mean, cell.P95, cell.Above80, cell.Above100));
    }

    [Fact]
    public void Hindsight_spreads_the_drift_and_ends_empty()
    {
        var passages = Enumerable.Range(0, 10).Select(i => new DayFact(Nine.AddMinutes(i), "main", 1))
            .Concat(Enumerable.Range(0, 8).Select(i => new DayFact(Nine.AddHours(2).AddMinutes(i), "main", -1)));
        var steps = Reconciler.Reconcile(Seeds.Ratelaar, passages.Reverse(), Nine.AddHours(-5), Nine.AddHours(19))
            .Where(s => s.Zone == "site").Select(s => s.Step).ToArray();
        Assert.InRange(steps.Max(s => s.Estimate), 9, 10);
        Assert.Equal(0, steps[^2].Estimate);
        Assert.Equal(new EstimateStep(Nine.AddHours(19), 0, 0, 0), steps[^1]);
        Assert.Equal(steps.OrderBy(s => s.At), steps);
    }
}
