using System.Globalization;

namespace Facility.Dashboard.Office;

/// <summary>Whole days of a site's own calendar, as the trends ask the API for them.</summary>
/// <param name="Last">Included.</param>
public readonly record struct Period(DateOnly First, DateOnly Last, TimeZoneInfo Zone)
{
    public int Days => Last.DayNumber - First.DayNumber + 1;

    /// <summary>The query keys from and to.</summary>
    public string Query => $"from={Uri.EscapeDataString(Text(Start(First)))}&to={Uri.EscapeDataString(Text(Start(Last.AddDays(1))))}";

    /// <summary>Interval of a line of some hundred points at most.</summary>
    public string Interval => Days switch { <= 3 => "PT15M", <= 45 => "PT1H", <= 400 => "P1D", _ => "P1W" };

    /// <summary>What bars of visits stand for.</summary>
    public string Per => Days switch { <= 45 => "day", <= 300 => "week", _ => "month" };

    /// <summary>A longer time without points is a gap.</summary>
    public TimeSpan Gap => Days switch { <= 3 => TimeSpan.FromMinutes(31), <= 45 => TimeSpan.FromHours(2.5), <= 400 => TimeSpan.FromDays(2.5), _ => TimeSpan.FromDays(15) };

    public DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, Zone);

    public DateTimeOffset Start(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (Zone.IsInvalidTime(local))
        {
            local = local.AddMinutes(30);
        }

        return new DateTimeOffset(local, Zone.GetUtcOffset(local));
    }

    /// <summary>The days of a query, or the last four whole weeks' worth.</summary>
    public static Period Of(string? from, string? to, DateTimeOffset now, string zone)
    {
        var info = TimeZoneInfo.TryFindSystemTimeZoneById(zone, out var found) ? found : TimeZoneInfo.Local;
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, info).DateTime);
        var last = DateOnly.TryParseExact(to, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var t) && t <= today ? t : today;
        var first = DateOnly.TryParseExact(from, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var f) && f <= last ? f : last.AddDays(-27);
        return new Period(first < last.AddDays(-1820) ? last.AddDays(-1820) : first, last, info);
    }

    private static string Text(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);
}
