using Facility.Contracts.Places;
using Facility.Domain.Occupancy;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>Makes the quarter-hour figures of all sites out of the changes of their estimates; part of <see cref="OccupancyFollower"/> and of its checkpoint.</summary>
internal sealed class FigureMaker(IReadOnlyDictionary<string, byte[]> states)
{
    private readonly Dictionary<string, SiteFigures> sites = states.ToDictionary(s => s.Key, s => new SiteFigures(s.Value));
    private readonly HashSet<string> touched = [];
    private readonly MadeFigures made = new();
    private DateTimeOffset advanced;

    public List<OccupancyFigure> Quarters { get; } = [];

    public List<SiteLevels> Levels { get; } = [];

    /// <summary>Takes fresh changes, in order of time by site, then lets time pass to the estimates' clock.</summary>
    /// <param name="all">Gets the changes, and those that are said again so that they do not fall out of the stores.</param>
    public void Take(IReadOnlyList<OccupancyChange> fresh, DateTimeOffset? clock, List<OccupancyChange> all)
    {
        foreach (var change in fresh)
        {
            if (!sites.TryGetValue(change.Site, out var site))
            {
                sites[change.Site] = site = new SiteFigures();
            }

            site.Take(change.Zone, new EstimateStep(change.At, change.Estimate, change.Low, change.High), made);
            Collect(change.Site, all);
            all.Add(change);
        }

        if (clock is { } time && time >= advanced)
        {
            foreach (var (id, site) in sites)
            {
                site.AdvanceTo(time, made);
                Collect(id, all);
            }

            advanced = QuarterHour.Floor(time) + QuarterHour.Length;
        }
    }

    /// <summary>Only the zones of this revision are still there.</summary>
    public void Keep(SitesDocument document)
    {
        var zones = document.Sites.ToDictionary(s => s.Id, s => s.Zones.Select(z => z.Id).Append(Site.WholeSite).ToArray());
        foreach (var (id, site) in sites)
        {
            site.Keep(zones.GetValueOrDefault(id, []));
            touched.Add(id);
        }
    }

    /// <summary>The states of sites with something new since the last <see cref="Saved"/>.</summary>
    public Dictionary<string, byte[]> Snapshots() => touched.ToDictionary(id => id, id => sites[id].Snapshot());

    public void Saved()
    {
        touched.Clear();
        Quarters.Clear();
        Levels.Clear();
    }

    private void Collect(string site, List<OccupancyChange> all)
    {
        touched.Add(site);
        Quarters.AddRange(made.Quarters.Select(q => new OccupancyFigure(site, q.Zone, SiteEstimates.Live, q.Sum)));
        Levels.AddRange(made.Blocks.Select(b => new SiteLevels(site, b)));
        all.AddRange(made.Restated.Select(r => new OccupancyChange(site, r.Zone, SiteEstimates.Live, r.Step.At, r.Step.Estimate, r.Step.Low, r.Step.High)));
        made.Quarters.Clear();
        made.Blocks.Clear();
        made.Restated.Clear();
    }
}
