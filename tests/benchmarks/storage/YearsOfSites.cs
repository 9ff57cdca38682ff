using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Server.Pipeline;
using Facility.Server.Ports;

namespace Facility.Storage;

/// <summary>
/// Years of a site that is open from 7 to 23 UTC, the same at every run: its changes (ten a quarter while it is open), the figures that the server's
/// own code makes of them, passages of its doors by quarter, and of the last 90 days the changes and the passages themselves.
/// </summary>
internal sealed class YearsOfSites(Site site, int rooms, DateTimeOffset from, DateTimeOffset to, int seed)
{
    private const int Portion = 50_000;
    private static readonly TimeSpan Raw = TimeSpan.FromDays(90);
    private readonly Random random = new(seed);
    private readonly Guid stream = Guid.NewGuid();
    private long seq;

    public async Task<long> WriteAsync(ISeriesStore store)
    {
        var (points, people) = (0L, 0);
        var (maker, changes, events, passages) = (
            new FigureMaker(new Dictionary<string, byte[]>()), new List<OccupancyChange>(), new List<EventPoint>(), new List<PassageFigure>());
        for (var quarter = from; quarter < to; quarter += QuarterHour.Length)
        {
            var isOpen = quarter.Hour is >= 7 and < 23;
            var wanted = isOpen ? 20 + (int)(60 * Math.Sin((quarter.Hour - 7) * Math.PI / 16)) : 0;
            var fresh = new List<OccupancyChange>();
            for (var i = 0; isOpen && i < 10; i++)
            {
                var step = people > wanted + random.Next(-15, 15) ? -1 : 1;
                people = Math.Max(0, people + step);
                var at = quarter.AddSeconds((i * 90) + random.Next(90));
                fresh.Add(new OccupancyChange(site.Id, Site.WholeSite, "live", at, people, Math.Max(0, people - 2), people + 3));
                if (at > to - Raw)
                {
                    events.Add(new EventPoint(site.Id, $"{site.Id}-01", stream, ++seq, at, "main-door", "passage", step, "main", true));
                }
            }

            if (quarter.Hour == 23 && people > 0)
            {
                people = 0;
                fresh.Add(new OccupancyChange(site.Id, Site.WholeSite, "live", quarter, 0, 0, 0));
            }

            maker.Take(fresh, quarter + QuarterHour.Length, changes);
            if (isOpen)
            {
                passages.AddRange(site.Portals.Take(rooms).Select(p => new PassageFigure(site.Id, new PassagePoint(quarter, p.Id, random.Next(9), random.Next(9)))));
            }

            if (maker.Quarters.Count + passages.Count >= Portion / 10 || quarter + QuarterHour.Length >= to)
            {
                points += await FlushAsync(store, maker, changes, events, passages);
            }
        }

        return points;
    }

    private async Task<long> FlushAsync(
        ISeriesStore store, FigureMaker maker, List<OccupancyChange> changes, List<EventPoint> events, List<PassageFigure> passages)
    {
        // The rooms have a share of the site's people, and hindsight says nearly what was said live.
        OccupancyFigure[] quarters =
        [
            .. maker.Quarters,
            .. maker.Quarters.SelectMany(q => site.Zones.Take(rooms).Select((z, i) => q with { Zone = z.Id, Sum = q.Sum with { PersonMs = q.Sum.PersonMs / (i + 2), Max = q.Sum.Max / (i + 2) } })),
            .. maker.Quarters.Select(q => q with { Basis = "reconciled" }),
        ];
        var figures = new SeriesFigures(quarters, [.. passages], [.. maker.Levels]);
        OccupancyChange[] raw = [.. changes.Where(c => c.At > to - Raw)];
        await store.WriteAsync(figures, CancellationToken.None);
        await store.WriteAsync(events, raw, CancellationToken.None);
        maker.Saved();
        changes.Clear();
        var points = figures.Count + events.Count + raw.Length;
        events.Clear();
        passages.Clear();
        return points;
    }
}
