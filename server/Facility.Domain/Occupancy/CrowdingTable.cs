using Facility.Contracts.Rest;

namespace Facility.Domain.Occupancy;

/// <summary>How crowded each hour of the week was, in the site's local time; every figure is weighted by time.</summary>
public sealed class CrowdingTable(TimeZoneInfo zone, int capacity)
{
    private readonly Dictionary<int, long>?[] cells = new Dictionary<int, long>?[7 * 24];
    private (long Day, TimeSpan? Offset) known = (long.MinValue, null);

    /// <param name="steps">In order of time; one before <paramref name="from"/> says what held then.</param>
    /// <param name="now">What lies after it has not happened.</param>
    /// <returns>Cells that were seen, Monday first; an hour that nothing was known of has none.</returns>
    public static IReadOnlyList<CrowdingCell> Of(
        IReadOnlyList<EstimateStep> steps, DateTimeOffset from, DateTimeOffset to, TimeZoneInfo zone, int capacity, DateTimeOffset now)
    {
        var table = new CrowdingTable(zone, capacity);
        table.Add(steps, from, to < now ? to : now);
        return table.Cells();
    }

    /// <summary>What held from <paramref name="from"/> to <paramref name="to"/>.</summary>
    public void Add(IReadOnlyList<EstimateStep> steps, DateTimeOffset from, DateTimeOffset to)
    {
        for (var i = 0; i < steps.Count; i++)
        {
            var at = steps[i].At > from ? steps[i].At : from;
            var stop = i + 1 < steps.Count && steps[i + 1].At < to ? steps[i + 1].At : to;
            while (at < stop)
            {
                // Zones with half- and quarter-hour offsets exist: the next local quarter is always a UTC quarter.
                var next = QuarterHour.Floor(at) + QuarterHour.Length;
                var until = next < stop ? next : stop;
                Add(at, steps[i].Estimate, (until - at).Ticks / TimeSpan.TicksPerMillisecond);
                at = until;
            }
        }
    }

    /// <summary>The quarters of a block that start at or after <paramref name="from"/> and end by <paramref name="to"/>.</summary>
    public void Add(LevelBlock block, DateTimeOffset from, DateTimeOffset to)
    {
        foreach (var (quarter, persons, ms) in Levels.Read(block.Text))
        {
            var at = block.At + (quarter * QuarterHour.Length);
            if (at >= from && at + QuarterHour.Length <= to)
            {
                Add(at, persons, ms);
            }
        }
    }

    public IReadOnlyList<CrowdingCell> Cells() =>
        [.. cells.Select((time, i) => time is null ? null : Cell((i / 24) + 1, i % 24, time.OrderBy(t => t.Key).ToArray())).OfType<CrowdingCell>()];

    private void Add(DateTimeOffset at, int persons, long ms)
    {
        var local = at.UtcDateTime + OffsetAt(at);
        ref var time = ref cells[((((int)local.DayOfWeek + 6) % 7) * 24) + local.Hour];
        time ??= [];
        System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(time, persons, out _) += ms;
    }

    // Asked once for a day on which the clock does not change, since that is most of the work over years.
    private TimeSpan OffsetAt(DateTimeOffset at)
    {
        var day = at.UtcTicks / TimeSpan.TicksPerDay;
        if (day != known.Day)
        {
            var start = new DateTimeOffset(day * TimeSpan.TicksPerDay, TimeSpan.Zero);
            var offset = zone.GetUtcOffset(start);
            known = (day, offset == zone.GetUtcOffset(start.AddDays(1)) && offset == zone.GetUtcOffset(start.AddHours(12)) ? offset : null);
        }

        return known.Offset ?? zone.GetUtcOffset(at);
    }

    private CrowdingCell Cell(int weekday, int hour, KeyValuePair<int, long>[] time)
    {
        var total = (double)time.Sum(t => t.Value);
        var mean = time.Sum(t => t.Key * (t.Value / total));
        var (covered, p95) = (0L, 0);
        foreach (var (people, ms) in time)
        {
            (covered, p95) = (covered + ms, people);
            if (covered >= 0.95 * total)
            {
                break;
            }
        }

        double Above(double limit) => Math.Round(time.Where(t => t.Key > limit).Sum(t => t.Value / total), 4);
        return new CrowdingCell(weekday, hour, Math.Round(mean, 3), p95, Above(0.8 * capacity), Above(capacity));
    }
}
