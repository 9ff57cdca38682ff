using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;

namespace Facility.Domain.Trends;

/// <summary>How crowded the site is while staff is there, and while it is not.</summary>
public static class StaffedCrowding
{
    /// <param name="staffed">Whether staff is there in a quarter that starts so.</param>
    /// <param name="open">Whether the site is open then. An hour without staff counts where it is, or where someone is there.</param>
    public static Staffing Of(
        IEnumerable<OccupancySum> quarters, int capacity, LocalCalendar calendar, Func<DateTimeOffset, bool> staffed, Func<DateTimeOffset, bool> open)
    {
        var cells = new Tally[7 * 24];
        var totals = new Tally[2];
        foreach (var quarter in quarters.Where(q => q.KnownMs > 0))
        {
            var local = calendar.Local(quarter.At);
            var withStaff = staffed(quarter.At);
            cells[((((int)local.DayOfWeek + 6) % 7) * 24) + local.Hour].Add(quarter, capacity, withStaff);
            if (withStaff || ZoneUse.InUse(quarter) || open(quarter.At))
            {
                totals[withStaff ? 0 : 1].Add(quarter, capacity, withStaff);
            }
        }

        return new Staffing(
            [.. totals.Select((t, i) => t.Total(i == 0)).Where(t => t.Hours > 0)],
            [.. cells.Select((t, i) => (Tally: t, Index: i)).Where(c => c.Tally.Known > 0).Select(c => c.Tally.Cell((c.Index / 24) + 1, c.Index % 24))]);
    }

    private struct Tally
    {
        private double persons, low, high, above80, staffed;

        public double Known { get; private set; }

        public void Add(in OccupancySum quarter, int capacity, bool withStaff)
        {
            double ms = quarter.KnownMs;
            Known += ms;
            (persons, low, high) = (persons + quarter.PersonMs, low + (quarter.Low * ms), high + (quarter.High * ms));
            above80 += quarter.PersonMs / ms > 0.8 * capacity ? ms : 0;
            staffed += withStaff ? ms : 0;
        }

        public readonly StaffingTotal Total(bool withStaff) =>
            new(withStaff, Hours(Known), Hours(persons), Hours(low), Hours(high), Known == 0 ? 0 : Share(above80));

        public readonly StaffingCell Cell(int weekday, int hour) =>
            new(weekday, hour, Share(staffed), Share(persons), Share(low), Share(high), Share(above80));

        private static double Hours(double ms) => Math.Round(ms / 3_600_000, 2);

        private readonly double Share(double ms) => Math.Round(ms / Known, 4);
    }
}
