using System.Globalization;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;

namespace Facility.Domain.Alerts;

/// <summary>What is particular to AED cabinets: their sensors, and the dates of pads and battery.</summary>
public static class CabinetRules
{
    /// <summary>Not a rule: a span from when a cabinet's AED was first heard of.</summary>
    public const string Known = "aed-known";

    /// <summary>Not a rule: a span from when an AED was taken until it was checked.</summary>
    public const string Unchecked = "aed-unchecked";

    public static Cabinet? Of(SitePlan plan, string sensor) => plan.Site.Cabinets?.FirstOrDefault(c => Sensors(c).Contains(sensor));

    public static IEnumerable<string> Sensors(Cabinet c) => new[] { c.Door, c.Present, c.Tamper, c.Temperature }.OfType<string>();

    /// <summary>The cabinet whose AED an event tells to be there or not.</summary>
    internal static string? Heard(SitePlan plan, JournaledEvent e) =>
        e.Kind == EventKinds.Present ? plan.Site.Cabinets?.FirstOrDefault(c => c.Present == e.Sensor)?.Id : null;

    /// <summary>The dates that rule: those that a person entered, until the sites file says other ones than it did then.</summary>
    public static (DateOnly? Pads, DateOnly? Battery) Dates(Cabinet c, EnteredDates? entered) => (
        entered is not null && entered.FilePads == c.PadsExpire ? entered.Pads : c.PadsExpire,
        entered is not null && entered.FileBattery == c.BatteryExpires ? entered.Battery : c.BatteryExpires);

    /// <summary>For each part of each cabinet whether it expires within the rule's days, and whether it has; with when that began, or ended.</summary>
    internal static IEnumerable<(string Rule, string Cause, string Zone, DateTimeOffset At, Saying What, bool Stands, DateTimeOffset End)> Expiring(
        SitePlan plan, Func<string, EnteredDates?> entered, DateTimeOffset now)
    {
        foreach (var cabinet in plan.Site.Cabinets ?? [])
        {
            var zone = OpeningHours.ZoneOf(plan.Site);
            var days = Math.Min(AlertLimits.Of(plan, AlertRule.AedExpiry, cabinet.Zone).Limit, 3650);
            var (pads, battery) = Dates(cabinet, entered(cabinet.Id));
            foreach (var (part, date, expires, expired) in new[] { ("pads", pads, "pads-expire", "pads-expired"), ("battery", battery, "battery-expires", "battery-expired") })
            {
                // A day is usable to its end.
                var last = date?.ToDateTime(TimeOnly.MinValue);
                var soon = last is { Year: > 1900 and < 9000 } ? AlertLimits.Instant(last.Value.AddDays(-days), zone) : DateTimeOffset.MaxValue;
                var gone = last is { Year: > 1900 and < 9000 } ? AlertLimits.Instant(last.Value.AddDays(1), zone) : DateTimeOffset.MaxValue;
                var on = date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "";
                var cause = $"{cabinet.Id}-{part}";
                yield return (AlertRule.AedExpiry, cause, cabinet.Zone, soon, new Saying(expires, on), now >= soon && now < gone, now >= gone ? gone : now);
                yield return (AlertRule.AedExpired, cause, cabinet.Zone, gone, new Saying(expired, on), now >= gone, now);
            }
        }
    }
}
