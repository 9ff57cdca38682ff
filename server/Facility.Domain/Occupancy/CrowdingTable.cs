using Facility.Contracts.Rest;

namespace Facility.Domain.Occupancy;

/// <summary>How crowded each hour of the week was, in the site's local time; every figure is weighted by time.</summary>
public static class CrowdingTable
{
    /// <param name="steps">In order of time; one before <paramref name="from"/> says what held then.</param>
    /// <param name="now">What lies after it has not happened.</param>
    /// <returns>Cells that were seen, Monday first; an hour that nothing was known of has none.</returns>
    public static IReadOnlyList<CrowdingCell> Of(
        IReadOnlyList<EstimateStep> steps, DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone, int capacity, DateTimeOffset now)
    {
        var cells = new SortedDictionary<(int Weekday, int Hour), SortedDictionary<int, long>>();
        var end = to < now ? to : now;
        for (var i = 0; i < steps.Count; i++)
        {
            var at = steps[i].At > from ? steps[i].At : from;
            var stop = i + 1 < steps.Count && steps[i + 1].At < end ? steps[i + 1].At : end;
            while (at < stop)
            {
                // Zones with half- and quarter-hour offsets exist: the next local quarter is always a UTC quarter.
                var quarter = TimeSpan.FromMinutes(15).Ticks;
                var next = new DateTimeOffset(at.UtcTicks - (at.UtcTicks % quarter) + quarter, TimeSpan.Zero);
                var until = next < stop ? next : stop;
                var local = TimeZoneInfo.ConvertTime(at, zone);
                var key = (((int)local.DayOfWeek + 6) % 7 + 1, local.Hour);
                if (!cells.TryGetValue(key, out var time))
                {
                    cells[key] = time = [];
                }

                time[steps[i].Estimate] = time.GetValueOrDefault(steps[i].Estimate) + (until - at).Ticks;
                at = until;
            }
        }

        return [.. cells.Select(c => Cell(c.Key.Weekday, c.Key.Hour, c.Value, capacity))];
    }

    private static CrowdingCell Cell(int weekday, int hour, SortedDictionary<int, long> time, int capacity)
    {
        var total = (double)time.Values.Sum();
        var mean = time.Sum(t => t.Key * (t.Value / total));
        var (covered, p95) = (0L, 0);
        foreach (var (people, ticks) in time)
        {
            (covered, p95) = (covered + ticks, people);
            if (covered >= 0.95 * total)
            {
                break;
            }
        }

        double Above(double limit) => Math.Round(time.Where(t => t.Key > limit).Sum(t => t.Value / total), 4);
        return new CrowdingCell(weekday, hour, Math.Round(mean, 3), p95, Above(0.8 * capacity), Above(capacity));
    }
}
