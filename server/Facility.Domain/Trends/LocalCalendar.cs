namespace Facility.Domain.Trends;

/// <summary>Days and hours by a site's own clock. A day has 23, 24 or 25 hours: it ends where the next begins.</summary>
public sealed class LocalCalendar(TimeZoneInfo zone)
{
    public DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(Local(at));

    public DateTime Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone).DateTime;

    /// <summary>The first instant of a day: midnight, the earlier one where the clock shows it twice, and where it shows none, when it jumps.</summary>
    public DateTimeOffset StartOf(DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        var offset = zone.IsAmbiguousTime(midnight) ? zone.GetAmbiguousTimeOffsets(midnight).Max()
            : zone.IsInvalidTime(midnight) ? zone.GetUtcOffset(midnight.AddHours(-3))
            : zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset).ToUniversalTime();
    }
}

/// <summary>Whole local days, or whole months. Weeks begin on Monday: multiples of days count from one, multiples of months from a January.</summary>
/// <param name="Days">0 where it is months.</param>
public readonly record struct CalendarInterval(int Days, int Months)
{
    public static readonly CalendarInterval Day = new(1, 0);
    public static readonly CalendarInterval Week = new(7, 0);
    public static readonly CalendarInterval Month = new(0, 1);

    /// <summary>The first day of the interval that a day lies in.</summary>
    public DateOnly StartOf(DateOnly day)
    {
        // Day number 0, 0001-01-01, is a Monday.
        if (Days > 0)
        {
            return day.AddDays(-(day.DayNumber % Days));
        }

        var month = ((day.Year - 1) * 12) + day.Month - 1;
        month -= month % Months;
        return new DateOnly((month / 12) + 1, (month % 12) + 1, 1);
    }

    /// <summary>The first day of the interval after the one that starts so.</summary>
    public DateOnly Next(DateOnly start) => Days > 0 ? start.AddDays(Days) : start.AddMonths(Months);
}
