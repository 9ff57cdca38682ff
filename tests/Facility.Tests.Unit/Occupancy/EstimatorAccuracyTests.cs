using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Domain.Occupancy;

namespace Facility.Tests.Unit.Occupancy;

/// <summary>Simulated weeks with known heads; real head counts are measured by <c>tests/Facility.Accuracy</c>.</summary>
public sealed class EstimatorAccuracyTests
{
    private static readonly DateTimeOffset Midnight = new(2026, 1, 12, 0, 0, 0, TimeSpan.Zero);

    private static readonly Site Hall = new(
        "hall", "Hall", "UTC", 100, [new Zone("hall", "Hall")], [new Portal("door", "door", Site.Outside, "hall")],
        [new Sensor("door", "kit", EventKinds.Passage)]);

    [Theory]
    [InlineData(1, 0.12, 0.04)]
    [InlineData(2, 0.03, 0.10)]
    [InlineData(3, 0.15, 0.15)]
    public void With_errors_that_it_is_not_told_it_beats_a_counter_reset_at_night_and_its_interval_holds(int seed, double missedIn, double missedOut)
    {
        var random = new Random(seed);
        var estimator = new BayesEstimator(Hall);
        var (ours, plain, covered, minutes) = (0, 0, 0, 0);
        for (var day = 0; day < 14; day++)
        {
            var (people, counter) = (0, 0);
            for (var minute = 0; minute < 24 * 60; minute++)
            {
                var now = Midnight.AddDays(day).AddMinutes(minute);
                estimator.Advance(now);
                // People come through the morning and stay three hours or so.
                for (var n = minute is > 480 and < 900 ? Draw(0.4) : 0; n > 0; n--)
                {
                    people++;
                    Pass(now, 1, missedIn);
                }

                for (var n = Enumerable.Range(0, people).Sum(_ => Draw(minute > 1200 ? 0.05 : 1 / 180.0)); n > 0; n--)
                {
                    people--;
                    Pass(now, -1, missedOut);
                }

                var e = estimator.Read()[0];
                ours += Math.Abs(e.Estimate - people);
                plain += Math.Abs(counter - people);
                minutes += people > 0 || e.High > 0 ? 1 : 0;
                covered += (people > 0 || e.High > 0) && e.Low <= people && people <= e.High ? 1 : 0;
            }

            void Pass(DateTimeOffset at, int persons, double missed)
            {
                if (random.NextDouble() >= missed)
                {
                    estimator.Observe(new PassageObserved(at, at, true, "door", persons));
                    counter = Math.Max(0, counter + persons);
                }
            }
        }

        Assert.True(ours < 0.9 * plain, $"{ours} against {plain} of the counter");
        Assert.True(covered >= 0.86 * minutes, $"{covered} of {minutes} minutes are in the interval");

        int Draw(double probability) => random.NextDouble() < probability ? 1 : 0;
    }

    [Fact]
    public void A_busy_day_of_400_people_fits_a_snapshot_of_a_few_kilobytes()
    {
        var estimator = new BayesEstimator(Hall with { Capacity = 400 });
        var at = Midnight.AddHours(9);
        for (var i = 0; i < 400; i++)
        {
            at = at.AddSeconds(10);
            estimator.Advance(at);
            estimator.Observe(new PassageObserved(at, at, true, "door", 1));
        }

        Assert.InRange(estimator.Read()[0].Estimate, 400, 450);
        Assert.InRange(estimator.Snapshot().Length, 1, 64 * 1024);
    }
}
