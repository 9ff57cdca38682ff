using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Domain.Places;
using Facility.Domain.Trends;
using Facility.Server.Ports;

namespace Facility.Server.Api;

/// <summary>
/// Occupancy over time out of two sources: quarter-hour figures, kept for years, and the changes themselves, kept for months and
/// as fresh as can be. Figures give the whole quarters that they have; changes give the rest, at both ends.
/// </summary>
/// <remarks>
/// Intervals that do not hold whole quarters get changes for the last 31 days of the range, and before that the quarters'
/// figures spread evenly: so far back it is as fine as a quarter. Hindsight (<c>reconciled</c>) has figures only.
/// </remarks>
internal static class OccupancyAnswers
{
    private static readonly TimeSpan Fine = TimeSpan.FromDays(31);

    public static async Task<OccupancyPoint[]> HistoryAsync(
        ISeriesStore series, Site site, string zone, string basis, DateTimeOffset from, DateTimeOffset to, Interval interval, DateTimeOffset now,
        CancellationToken cancellation)
    {
        var sums = interval.Calendar is { } calendar
            ? LocalPeriods.Fold(
                await QuartersAsync(series, site.Id, zone, basis, from, to, now, cancellation), new LocalCalendar(OpeningHours.ZoneOf(site)), calendar)
            : await SumsAsync(series, site.Id, zone, basis, from, to, interval.Length, from, now, cancellation);
        return [.. sums.Select(sum => sum.ToPoint())];
    }

    /// <summary>The quarters of an hour that touch the range, as far as they lie in it; those of which nothing is known are left out.</summary>
    public static Task<List<OccupancySum>> QuartersAsync(
        ISeriesStore series, string site, string zone, string basis, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now,
        CancellationToken cancellation) =>
        SumsAsync(series, site, zone, basis, from, to, QuarterHour.Length, QuarterHour.Floor(from), now, cancellation);

    // Intervals start at whole multiples from the origin: at from itself, or at the quarter that it lies in for quarters.
    private static async Task<List<OccupancySum>> SumsAsync(
        ISeriesStore series, string site, string zone, string basis, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, DateTimeOffset origin,
        DateTimeOffset now, CancellationToken cancellation)
    {
        var end = to < now ? to : now;
        var whole = QuarterHour.Holds(origin, interval);
        var fine = basis == SiteEndpoints.Reconciled ? TimeSpan.Zero : Fine;
        var (figuresFrom, figuresTo) = (QuarterHour.Ceiling(from), QuarterHour.Floor(whole ? end : end - fine));
        var figured = figuresFrom < figuresTo
            ? await series.OccupancyFiguresAsync(site, zone, basis, figuresFrom, figuresTo, whole ? interval : QuarterHour.Length, cancellation) : null;
        var sums = new List<OccupancySum>();
        if (figured is null)
        {
            await AddChangesAsync(from, end);
        }
        else
        {
            await AddChangesAsync(from, figured.Start);
            foreach (var sum in whole ? figured.Sums : figured.Sums.SelectMany(sum => Spread(sum, origin, interval)))
            {
                Add(sum);
            }

            await AddChangesAsync(figured.End, end);
        }

        return sums;

        async Task AddChangesAsync(DateTimeOffset start, DateTimeOffset stop)
        {
            if (start < stop)
            {
                var steps = Steps(await series.OccupancyAsync(site, zone, basis, start, stop, cancellation));
                foreach (var sum in TimeWeighted.Sums(steps, start, stop, interval, origin))
                {
                    Add(sum);
                }
            }
        }

        // In order of time: only an interval that two sources share comes twice.
        void Add(in OccupancySum sum)
        {
            if (sums.Count > 0 && sums[^1].At == sum.At)
            {
                sums[^1] = sums[^1].Plus(sum);
            }
            else
            {
                sums.Add(sum);
            }
        }
    }

    public static async Task<IReadOnlyList<CrowdingCell>> CrowdingAsync(
        ISeriesStore series, Site site, DateTimeOffset from, DateTimeOffset to, DateTimeOffset now, CancellationToken cancellation)
    {
        var end = to < now ? to : now;
        var table = new CrowdingTable(OpeningHours.ZoneOf(site), site.Capacity);
        var (wholeFrom, wholeTo) = (QuarterHour.Ceiling(from), QuarterHour.Floor(end));
        var blocks = wholeFrom < wholeTo
            ? await series.LevelsAsync(site.Id, QuarterHour.Floor(wholeFrom, Levels.BlockLength), wholeTo, cancellation) : [];
        foreach (var block in blocks)
        {
            table.Add(block, wholeFrom, wholeTo);
        }

        if (blocks.Count == 0)
        {
            await AddChangesAsync(from, end);
        }
        else
        {
            await AddChangesAsync(from, blocks[0].At > wholeFrom ? blocks[0].At : wholeFrom);
            var last = blocks[^1].At + Levels.BlockLength;
            await AddChangesAsync(last < wholeTo ? last : wholeTo, end);
        }

        return table.Cells();

        async Task AddChangesAsync(DateTimeOffset start, DateTimeOffset stop)
        {
            if (start < stop)
            {
                table.Add(Steps(await series.OccupancyAsync(site.Id, Site.WholeSite, SiteEndpoints.Live, start, stop, cancellation)), start, stop);
            }
        }
    }

    private static IEnumerable<OccupancySum> Spread(OccupancySum sum, DateTimeOffset from, TimeSpan interval)
    {
        var end = sum.At + QuarterHour.Length;
        for (var at = sum.At; at < end;)
        {
            var start = from + (interval * Math.Floor((at - from) / interval));
            var stop = start + interval < end ? start + interval : end;
            var share = (stop - at) / QuarterHour.Length;
            yield return sum with { At = start, PersonMs = (long)(sum.PersonMs * share), KnownMs = Math.Max(1, (long)(sum.KnownMs * share)) };
            at = stop;
        }
    }

    private static EstimateStep[] Steps(IReadOnlyList<OccupancyChange> changes) =>
        [.. changes.Select(c => new EstimateStep(c.At, c.Estimate, c.Low, c.High))];
}
