using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;

namespace Facility.Domain.Trends;

/// <summary>The use of one room by part of the day, out of quarters of an hour.</summary>
/// <remarks>
/// A quarter is in use where half a person or more was there on average. Shares above capacity take the quarter's mean for the trend,
/// and its highest upper end for what may have been. A private room has free or in use alone.
/// </remarks>
public static class ZoneUse
{
    /// <summary>Parts of a day (dagdelen) by local hour: six hours each from midnight.</summary>
    public static readonly IReadOnlyList<string> Parts = ["night", "morning", "afternoon", "evening"];

    public const string WholeDay = "all";

    public static bool InUse(in OccupancySum quarter) => 2 * quarter.PersonMs >= quarter.KnownMs;

    /// <param name="counted">Which quarters count: those in which the site is open.</param>
    public static IReadOnlyList<UseRow> Of(
        string zone, int? capacity, bool isPrivate, IEnumerable<OccupancySum> quarters, LocalCalendar calendar, Func<DateTimeOffset, bool> counted)
    {
        var parts = Enumerable.Range(0, 5).Select(_ => new Part()).ToArray();
        foreach (var quarter in quarters.Where(q => q.KnownMs > 0 && counted(q.At)))
        {
            parts[calendar.Local(quarter.At).Hour / 6].Add(quarter, capacity);
            parts[4].Add(quarter, capacity);
        }

        return [.. parts.Zip([.. Parts, WholeDay], (part, name) => part.Row(zone, name, capacity, isPrivate)).OfType<UseRow>()];
    }

    private sealed class Part
    {
        private double known, used, usedLow, usedHigh, persons, low, high;
        private double above80, above80High, above100, above100High;

        public void Add(in OccupancySum quarter, int? capacity)
        {
            double ms = quarter.KnownMs;
            var mean = quarter.PersonMs / ms;
            (known, persons, low, high) = (known + ms, persons + quarter.PersonMs, low + (quarter.Low * ms), high + (quarter.High * ms));
            used += InUse(quarter) ? ms : 0;
            usedLow += quarter.Low >= 1 ? ms : 0;
            usedHigh += quarter.High >= 1 ? ms : 0;
            above80 += mean > 0.8 * capacity ? ms : 0;
            above80High += quarter.High > 0.8 * capacity ? ms : 0;
            above100 += mean > capacity ? ms : 0;
            above100High += quarter.High > capacity ? ms : 0;
        }

        public UseRow? Row(string zone, string part, int? capacity, bool isPrivate)
        {
            double Share(double ms) => Math.Round(ms / known, 4);
            double? Shown(double ms, bool shown) => shown ? Share(ms) : null;
            var (open, limited) = (!isPrivate, !isPrivate && capacity is not null);

            // The share in use is between its ends also where a quarter was in use for less than half of it.
            return known == 0 ? null : new UseRow(
                zone, part, Math.Round(known / 3_600_000, 2), Share(used), Share(Math.Min(used, usedLow)), Share(Math.Max(used, usedHigh)),
                Shown(persons, open), Shown(low, open), Shown(high, open),
                Shown(above80, limited), Shown(above80High, limited), Shown(above100, limited), Shown(above100High, limited));
        }
    }
}
