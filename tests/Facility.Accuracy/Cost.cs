using System.Diagnostics;
using System.Globalization;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Domain.Occupancy;

namespace Facility.Accuracy;

/// <summary>What an event costs when 400 people are in, with the estimate read after each.</summary>
internal static class Cost
{
    public static string Line()
    {
        var site = new Site("s", "S", "UTC", 400, [new Zone("z", "Z")], [new Portal("d", "d", Site.Outside, "z")], [new Sensor("d", "k", EventKinds.Passage)]);
        var (estimator, at) = (new BayesEstimator(site), new DateTimeOffset(2026, 1, 5, 5, 0, 0, TimeSpan.Zero));
        var batches = new List<double>();
        for (var day = 0; day < 5; day++)
        {
            for (var i = 0; i < 400; i++)
            {
                Pass(1);
            }

            for (var batch = 0; batch < 4; batch++)
            {
                var clock = Stopwatch.StartNew();
                for (var i = 0; i < 500; i++)
                {
                    Pass(i % 2 == 0 ? 1 : -1);
                }

                batches.Add(clock.Elapsed.TotalMicroseconds / 500);
            }

            for (var i = 0; i < 400; i++)
            {
                Pass(-1);
            }

            at = at.AddDays(1);
        }

        var sorted = batches.Order().ToArray();
        return string.Create(CultureInfo.InvariantCulture, $"an event with 400 people: {sorted[sorted.Length / 2]:f1} us, at best {sorted[0]:f1}, on the first day, when every hypothesis is open, {batches[3]:f1}; snapshot {estimator.Snapshot().Length} bytes");

        void Pass(int persons)
        {
            at = at.AddSeconds(5);
            estimator.Advance(at);
            estimator.Observe(new PassageObserved(at, at, true, "d", persons));
            estimator.Read();
        }
    }
}
