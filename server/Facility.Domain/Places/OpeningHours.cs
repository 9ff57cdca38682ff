using System.Globalization;
using Facility.Contracts.Places;

namespace Facility.Domain.Places;

/// <summary>
/// When a site is open, by its own local time. A span belongs to the day it starts on: one past midnight
/// (<c>20:00-02:00</c>) is that evening's, and a day in <c>closedOn</c> closes its own spans whole.
/// </summary>
/// <remarks>Wall-clock times rule on the nights of daylight saving too: an hour that the clock repeats is open twice.</remarks>
public static class OpeningHours
{
    public static readonly IReadOnlyList<string> Days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> OfficeHours =
        Days.Take(5).ToDictionary(day => day, _ => (IReadOnlyList<string>)["09:00-17:00"]);

    /// <summary>Whether the site's hours are known at all.</summary>
    public static bool AreKnown(Site site) => site.OpeningHours is { Count: > 0 };

    /// <summary>Whether the site is open; false where its hours are not known.</summary>
    public static bool IsOpen(Site site, DateTimeOffset instant) => IsOpen(site, ZoneOf(site), instant);

    /// <summary>As above, for callers that ask every minute and hold the time zone.</summary>
    public static bool IsOpen(Site site, TimeZoneInfo zone, DateTimeOffset instant) =>
        AreKnown(site) && Covers(site.OpeningHours!, zone, instant, site.ClosedOn);

    /// <summary>Whether staff is there: on weekdays from 9 to 17 where the site says nothing, and never on a day that it is closed.</summary>
    public static bool IsStaffed(Site site, TimeZoneInfo zone, DateTimeOffset instant) =>
        Covers(site.StaffedHours ?? OfficeHours, zone, instant, site.ClosedOn);

    /// <summary>Whether a week's hours hold an instant.</summary>
    /// <param name="closedOn">Days that have none.</param>
    public static bool Covers(
        IReadOnlyDictionary<string, IReadOnlyList<string>> hours, TimeZoneInfo zone, DateTimeOffset instant, IReadOnlyList<DateOnly>? closedOn = null)
    {
        var local = TimeZoneInfo.ConvertTime(instant, zone).DateTime;
        var today = DateOnly.FromDateTime(local);
        var time = local.TimeOfDay;
        return SpansOf(hours, closedOn, today).Any(s => s.Wraps ? time >= s.From : time >= s.From && time < s.To)
            || SpansOf(hours, closedOn, today.AddDays(-1)).Any(s => s.Wraps && time < s.To);
    }

    /// <summary>The site's time zone. <see cref="SitesCheck"/> has refused a name that is not known.</summary>
    public static TimeZoneInfo ZoneOf(Site site) => TimeZoneInfo.FindSystemTimeZoneById(site.TimeZone);

    /// <summary>Reads <c>HH:MM-HH:MM</c>; the end may be 24:00, and may be earlier than the start: then it is on the next day.</summary>
    public static bool TryParseSpan(string text, out TimeSpan from, out TimeSpan to)
    {
        to = default;
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        return TryParseTime(dash < 0 ? "" : text[..dash], out from) && from < TimeSpan.FromDays(1)
            && TryParseTime(text[(dash + 1)..], out to) && from != to;
    }

    private static IEnumerable<(TimeSpan From, TimeSpan To, bool Wraps)> SpansOf(
        IReadOnlyDictionary<string, IReadOnlyList<string>> hours, IReadOnlyList<DateOnly>? closedOn, DateOnly day)
    {
        if (closedOn?.Contains(day) == true
            || !hours.TryGetValue(Days[((int)day.DayOfWeek + 6) % 7], out var spans))
        {
            yield break;
        }

        foreach (var span in spans)
        {
            if (TryParseSpan(span, out var from, out var to))
            {
                yield return (from, to, to < from);
            }
        }
    }

    private static bool TryParseTime(string text, out TimeSpan time)
    {
        if (text == "24:00")
        {
            time = TimeSpan.FromDays(1);
            return true;
        }

        return TimeSpan.TryParseExact(text, @"hh\:mm", CultureInfo.InvariantCulture, out time);
    }
}
