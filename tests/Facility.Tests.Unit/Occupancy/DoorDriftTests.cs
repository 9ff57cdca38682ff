using Facility.Domain.Occupancy;

namespace Facility.Tests.Unit.Occupancy;

public sealed class DoorDriftTests
{
    private const int Doors = 400;

    [Fact]
    public void A_steady_door_gives_less_than_one_false_alarm_a_year()
    {
        var alarms = 0;
        for (var seed = 0; seed < Doors; seed++)
        {
            var (random, drift, was) = (new Random(seed), new DoorDrift(), 0);
            var (missedIn, missedOut) = (0.15 * random.NextDouble(), 0.15 * random.NextDouble());
            for (var day = 0; day < 365; day++)
            {
                Day(random, drift, missedIn, missedOut);
                alarms += drift.Worse != 0 && was == 0 ? 1 : 0;
                was = drift.Worse;
            }
        }

        Assert.InRange(alarms / (double)Doors, 0, 1);
        TestContext.Current.SendDiagnosticMessage($"{alarms / (double)Doors} false alarms a door and year");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_door_that_misses_8_percent_more_in_one_direction_is_seen_within_three_days(int direction)
    {
        var seen = 0;
        for (var seed = 0; seed < Doors; seed++)
        {
            var (random, drift) = (new Random(seed), new DoorDrift());
            for (var day = 0; day < 30; day++)
            {
                Day(random, drift, 0.02, 0.02);
            }

            (drift.Worse, drift.Up, drift.Down) = (0, 0, 0);
            for (var day = 0; day < 3; day++)
            {
                Day(random, drift, direction > 0 ? 0.02 : 0.1, direction > 0 ? 0.1 : 0.02);
            }

            seen += drift.Worse == direction ? 1 : 0;
        }

        TestContext.Current.SendDiagnosticMessage($"{seen} of {Doors} doors seen");
        Assert.InRange(seen / (double)Doors, 0.9, 1);
    }

    private static void Day(Random random, DoorDrift drift, double missedIn, double missedOut)
    {
        for (var i = 0; i < 150; i++)
        {
            drift.Pass(random.NextDouble() < missedIn ? 0 : 1);
            drift.Pass(random.NextDouble() < missedOut ? 0 : -1);
        }

        drift.Night();
    }
}
