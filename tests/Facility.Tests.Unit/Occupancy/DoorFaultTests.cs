using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Server.Pipeline;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Occupancy;

public sealed class DoorFaultTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_door_that_stops_seeing_people_leave_is_reported_within_three_nights_and_a_restart_keeps_it()
    {
        var estimator = new BayesEstimator(Seeds.Ratelaar);
        Assert.All(estimator.Doors(), d => Assert.Equal(0, d.Worse));
        for (var day = 0; day < 15; day++)
        {
            for (var i = 0; i < 100; i++)
            {
                Pass(estimator, Start.AddDays(day).AddMinutes(i), 1);
            }

            for (var i = 0; i < 100; i++)
            {
                if (day < 12 || i % 5 != 0)
                {
                    Pass(estimator, Start.AddDays(day).AddHours(5).AddMinutes(i), -1);
                }
            }

            estimator.Advance(Start.AddDays(day).AddHours(20));
        }

        var again = new BayesEstimator(Seeds.Ratelaar);
        Assert.True(again.Restore(estimator.Snapshot()));
        var main = again.Doors()[0];
        Assert.Equal(("main", 1), (main.Portal, main.Worse));
        Assert.True(main.PersonsPerOut > main.PersonsPerIn, "each one seen to leave stands for more persons");
    }

    [Fact]
    public void The_board_tells_which_device_has_a_worse_door_once()
    {
        var (board, told) = (new OccupancyBoard(), new List<string>());
        board.DoorsChanged += (site, device) => told.Add($"{site}/{device}");
        board.ShowDoors("ratelaar", [("ratelaar-01", new DoorState("main-door", 1.1, 1, 0))]);
        Assert.Empty(told);
        board.ShowDoors("ratelaar", [("ratelaar-01", new DoorState("main-door", 1.1, 1.2, 1))]);
        board.ShowDoors("ratelaar", [("ratelaar-01", new DoorState("main-door", 1.1, 1.3, 1))]);
        Assert.Equal([new DoorState("main-door", 1.1, 1.3, 1)], board.Doors("ratelaar", "ratelaar-01"));
        board.ShowDoors("ratelaar", []);
        Assert.Empty(board.Doors("ratelaar", "ratelaar-01"));
        Assert.Equal(["ratelaar/ratelaar-01", "ratelaar/ratelaar-01"], told);
    }

    private static void Pass(BayesEstimator estimator, DateTimeOffset at, int persons)
    {
        estimator.Advance(at);
        estimator.Observe(new PassageObserved(at, at, true, "main", persons));
    }
}
