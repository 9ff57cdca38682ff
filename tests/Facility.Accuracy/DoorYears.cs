using System.Globalization;
using Facility.Domain.Occupancy;

namespace Facility.Accuracy;

/// <summary>Years of doors that count as ever, and then come to miss 8% more in one direction, at 150 passages a day each way.</summary>
internal static class DoorYears
{
    private const int Doors = 1000;
    private const double Shift = 0.08;

    public static IEnumerable<string> Lines() => [Line("0 to 15%", 0, 0.15), Line("0 to 5%", 0, 0.05)];

    private static string Line(string name, double least, double most)
    {
        var (alarms, worsened, soon) = (0, 0, 0);
        for (var seed = 0; seed < Doors; seed++)
        {
            var (random, drift, was) = (new Random(seed), new DoorDrift(), 0);
            var (missedIn, missedOut) = (Draw(), Draw());
            for (var day = 0; day < 365; day++)
            {
                Day(missedIn, missedOut);
                alarms += drift.Worse != 0 && was == 0 ? 1 : 0;
                was = drift.Worse;
            }

            if (drift.Worse != 0)
            {
                continue;
            }

            worsened++;
            for (var day = 0; day < 3 && drift.Worse == 0; day++)
            {
                Day(missedIn + (seed % 2 == 0 ? Shift : 0), missedOut + (seed % 2 == 0 ? 0 : Shift));
            }

            soon += drift.Worse == (seed % 2 == 0 ? -1 : 1) ? 1 : 0;

            double Draw() => least + ((most - least) * random.NextDouble());

            void Day(double missedIn, double missedOut)
            {
                for (var i = 0; i < 150; i++)
                {
                    drift.Pass(random.NextDouble() < missedIn ? 0 : 1);
                    drift.Pass(random.NextDouble() < missedOut ? 0 : -1);
                }

                drift.Night();
            }
        }

        return string.Create(CultureInfo.InvariantCulture,
            $"doors that miss {name}: {alarms / (double)Doors:f2} false alarms a door and year; 8% more missed one way is seen within 3 days at {soon / (double)worsened:p0} of {worsened} doors");
    }
}
