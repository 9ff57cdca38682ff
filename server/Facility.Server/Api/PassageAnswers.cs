using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Domain.Places;
using Facility.Domain.Trends;
using Facility.Server.Ports;

namespace Facility.Server.Api;

/// <summary>
/// Passages over time: the events themselves for the last hours and at ends that are no whole quarters, quarter-hour figures for
/// the rest. Intervals that do not hold whole quarters get events for the last 31 days of the range.
/// </summary>
internal static class PassageAnswers
{
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(6);
    private static readonly TimeSpan Fine = TimeSpan.FromDays(31);

    /// <summary>As below; days, weeks and months are local ones.</summary>
    public static async Task<IReadOnlyList<PassagePoint>> PassagesAsync(
        ISeriesStore series, Site site, DateTimeOffset from, DateTimeOffset to, Interval interval, DateTimeOffset now, CancellationToken cancellation) =>
        interval.Calendar is { } calendar
            ? LocalPeriods.Fold(
                await PassagesAsync(series, site.Id, from, to, QuarterHour.Length, now, cancellation), new LocalCalendar(OpeningHours.ZoneOf(site)), calendar)
            : await PassagesAsync(series, site.Id, from, to, interval.Length, now, cancellation);

    public static async Task<IReadOnlyList<PassagePoint>> PassagesAsync(
        ISeriesStore series, string site, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, DateTimeOffset now, CancellationToken cancellation)
    {
        // Counts of an older quarter that still change, because a device sends late, are shipped within seconds.
        var settled = now - Fresh < to ? now - Fresh : to;
        var whole = interval.Ticks % QuarterHour.Length.Ticks == 0;
        var (figuresFrom, figuresTo) = (QuarterHour.Ceiling(from), QuarterHour.Floor(whole ? settled : settled - Fine));
        if (figuresFrom >= figuresTo)
        {
            return await series.PassagesAsync(site, from, to, interval, cancellation);
        }

        var figures = await series.PassageFiguresAsync(site, figuresFrom, figuresTo, interval, cancellation);
        var before = from < figuresFrom ? await series.PassagesAsync(site, from, figuresFrom, interval, cancellation) : [];
        var after = await series.PassagesAsync(site, figuresTo, to, interval, cancellation);
        return before.Count + after.Count == 0 ? figures
            :
            [
                .. before.Concat(figures).Concat(after).GroupBy(p => (p.At, p.Portal))
                    .Select(g => g.First() with { In = g.Sum(p => p.In), Out = g.Sum(p => p.Out) })
                    .OrderBy(p => p.At).ThenBy(p => p.Portal, StringComparer.Ordinal),
            ];
    }
}
