using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;

namespace Facility.Domain.Trends;

/// <summary>Adds up quarters of an hour to days, weeks and months of the local calendar; every local day is whole quarters.</summary>
public static class LocalPeriods
{
    /// <param name="quarters">In order of time.</param>
    /// <returns>In order of time; an interval of which nothing is known is left out.</returns>
    public static IEnumerable<OccupancySum> Fold(IEnumerable<OccupancySum> quarters, LocalCalendar calendar, CalendarInterval interval)
    {
        var cut = new Cut(calendar, interval);
        OccupancySum? sum = null;
        foreach (var quarter in quarters)
        {
            var start = cut.StartOf(quarter.At);
            if (sum is { } known && known.At == start)
            {
                sum = known.Plus(quarter);
                continue;
            }

            if (sum is { } done)
            {
                yield return done;
            }

            sum = quarter with { At = start };
        }

        if (sum is { } last)
        {
            yield return last;
        }
    }

    /// <param name="quarters">In order of time.</param>
    /// <returns>In order of time and portal.</returns>
    public static IReadOnlyList<PassagePoint> Fold(IEnumerable<PassagePoint> quarters, LocalCalendar calendar, CalendarInterval interval)
    {
        var cut = new Cut(calendar, interval);
        return
        [
            .. quarters.GroupBy(p => (At: cut.StartOf(p.At), p.Portal))
                .Select(g => new PassagePoint(g.Key.At, g.Key.Portal, g.Sum(p => p.In), g.Sum(p => p.Out)))
                .OrderBy(p => p.At).ThenBy(p => p.Portal, StringComparer.Ordinal),
        ];
    }

    // The bounds of an interval are asked for once, since most quarters lie in the same one as the quarter before.
    private sealed class Cut(LocalCalendar calendar, CalendarInterval interval)
    {
        private (DateTimeOffset Start, DateTimeOffset End) known;

        public DateTimeOffset StartOf(DateTimeOffset at)
        {
            if (at < known.Start || at >= known.End)
            {
                var first = interval.StartOf(calendar.DayOf(at));
                known = (calendar.StartOf(first), calendar.StartOf(interval.Next(first)));
            }

            return known.Start;
        }
    }
}
