using Facility.Domain.Occupancy;

namespace Facility.Domain.Trends;

/// <summary>Figures by local day and hour: 24 a day, null where nothing is known. An hour that the clock shows twice is one, and one that it skips has none.</summary>
public static class HourTable
{
    /// <summary>Mean persons, weighted by time.</summary>
    public static Dictionary<DateOnly, double?[]> Means(IEnumerable<OccupancySum> quarters, LocalCalendar calendar) =>
        quarters.Where(q => q.KnownMs > 0).GroupBy(q => calendar.DayOf(q.At)).ToDictionary(day => day.Key, day =>
        {
            var hours = new double?[24];
            foreach (var hour in day.GroupBy(q => calendar.Local(q.At).Hour))
            {
                hours[hour.Key] = (double)hour.Sum(q => q.PersonMs) / hour.Sum(q => q.KnownMs);
            }

            return hours;
        });

    /// <summary>Sums of counts; an hour without any is 0 from the first day on that has one.</summary>
    /// <param name="until">Hours that start at or after it are not known yet.</param>
    public static Dictionary<DateOnly, double?[]> Sums(IReadOnlyCollection<(DateTimeOffset At, int Persons)> counts, LocalCalendar calendar, DateTimeOffset until)
    {
        var table = new Dictionary<DateOnly, double?[]>();
        if (counts.Count == 0)
        {
            return table;
        }

        for (var at = calendar.StartOf(counts.Min(c => calendar.DayOf(c.At))); at < until; at += QuarterHour.Length)
        {
            Hour(at) ??= 0;
        }

        foreach (var (at, persons) in counts.Where(c => c.At < until))
        {
            ref var hour = ref Hour(at);
            hour = (hour ?? 0) + persons;
        }

        return table;

        ref double? Hour(DateTimeOffset at)
        {
            var local = calendar.Local(at);
            ref var day = ref System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(table, DateOnly.FromDateTime(local), out _);
            day ??= new double?[24];
            return ref day[local.Hour];
        }
    }
}
