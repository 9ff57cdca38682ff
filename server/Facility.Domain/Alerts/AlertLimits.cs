using Facility.Contracts.Places;
using Facility.Domain.Places;

namespace Facility.Domain.Alerts;

/// <summary>A rule as it is at one place: its defaults, then the settings for all sites, the site, and the zone.</summary>
public sealed record AlertLimits(
    bool On, double Limit, double Hysteresis, TimeSpan Delay, bool Urgent, TimeSpan Lapse, string When,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Hours)
{
    public const string Always = "always";
    public const string Open = "open";
    public const string Closed = "closed";

    // Further back the hours are not searched.
    private const int MostDays = 400;

    public static AlertLimits Of(SitePlan plan, string rule, string? zone)
    {
        var standard = AlertRule.All[rule];
        var limits = new AlertLimits(
            true, standard.Limit, standard.Hysteresis, standard.Delay, standard.Urgent,
            standard.Urgent ? TimeSpan.FromMinutes(30) : TimeSpan.FromHours(8), Always, null);

        // A zone's own go last, wherever they stand.
        foreach (var s in plan.Rules.Where(s => s.Rule == rule && s.Zone is null).Concat(plan.Rules.Where(s => s.Rule == rule && s.Zone is not null && s.Zone == zone)))
        {
            limits = new AlertLimits(
                s.On ?? limits.On, s.Limit ?? limits.Limit, s.Hysteresis ?? limits.Hysteresis,
                s.DelaySeconds is { } delay ? TimeSpan.FromSeconds(delay) : limits.Delay, s.Urgent ?? limits.Urgent,
                s.LapseMinutes is { } lapse ? TimeSpan.FromMinutes(lapse) : limits.Lapse, s.When ?? limits.When, s.Hours ?? limits.Hours);
        }

        return limits;
    }

    /// <summary>The first moment in a span of time that the rule's hours hold; null when they hold none of it.</summary>
    public DateTimeOffset? First(SitePlan plan, DateTimeOffset from, DateTimeOffset to) =>
        !On ? null
        : When == Always && Hours is null ? from <= to ? from : null
        : FirstOf(plan.Site, Hours, from, to, at => Covers(plan.Site, at));

    /// <summary>The first moment in a span of time that a site is open.</summary>
    public static DateTimeOffset? FirstOpen(Site site, DateTimeOffset from, DateTimeOffset to) =>
        FirstOf(site, null, from, to, at => OpeningHours.IsOpen(site, at));

    private bool Covers(Site site, DateTimeOffset at) =>
        (When == Always || OpeningHours.IsOpen(site, at) == (When == Open))
        && (Hours is null || OpeningHours.Covers(Hours, OpeningHours.ZoneOf(site), at));

    // Hours change only at the edges of their spans, and at midnight.
    private static DateTimeOffset? FirstOf(
        Site site, IReadOnlyDictionary<string, IReadOnlyList<string>>? hours, DateTimeOffset from, DateTimeOffset to, Func<DateTimeOffset, bool> holds)
    {
        if (from > to || holds(from))
        {
            return from <= to ? from : null;
        }

        var zone = OpeningHours.ZoneOf(site);
        var edges = (site.OpeningHours?.Values ?? []).Concat(hours?.Values ?? []).SelectMany(spans => spans)
            .SelectMany(span => OpeningHours.TryParseSpan(span, out var start, out var end) ? new[] { start, end } : [])
            .Append(TimeSpan.Zero).Distinct().Order().ToArray();
        var first = TimeZoneInfo.ConvertTime(from, zone).Date;
        var last = TimeZoneInfo.ConvertTime(to, zone).Date;
        for (var day = last - first > TimeSpan.FromDays(MostDays) ? last.AddDays(-MostDays) : first; day <= last; day = day.AddDays(1))
        {
            foreach (var at in edges.Select(edge => Instant(day + edge, zone)).Where(at => at > from && at <= to))
            {
                if (holds(at))
                {
                    return at;
                }
            }
        }

        return null;
    }

    /// <summary>A local time as an instant; one that the clock skips is an hour later.</summary>
    public static DateTimeOffset Instant(DateTime local, TimeZoneInfo zone)
    {
        var real = zone.IsInvalidTime(local) ? local.AddHours(1) : local;
        return new DateTimeOffset(DateTime.SpecifyKind(real, DateTimeKind.Unspecified), zone.GetUtcOffset(real)).ToUniversalTime();
    }
}
