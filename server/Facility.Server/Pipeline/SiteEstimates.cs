using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Domain.Occupancy;
using Facility.Domain.Places;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>
/// The estimators of all sites, driven by the journal: the live follower and <c>facility-server replay</c> run this same
/// code. Time goes by whole minutes up to each entry's receipt, so that a restart at any entry changes nothing.
/// </summary>
public sealed class SiteEstimates
{
    public const string Live = "live";
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly Dictionary<string, Running> _running = [];
    private readonly HashSet<string> _unsaved = [];
    private readonly HashSet<Running> _unnoted = [];
    private DateTimeOffset _unnotedAt;

    public SiteEstimates(SitesDocument sites) => Sites = Use(sites, new Dictionary<string, byte[]>());

    public SiteEstimates(SitesDocument sites, IReadOnlyDictionary<string, byte[]> snapshots, DateTimeOffset? clock) =>
        (Sites, Clock) = (Use(sites, snapshots), clock);

    /// <summary>The revision that rules.</summary>
    public SitesDocument Sites { get; private set; }

    /// <summary>The time that all estimators have reached; null before the first entry.</summary>
    public DateTimeOffset? Clock { get; private set; }

    /// <summary>
    /// Takes one entry. Changes of estimates go to <paramref name="changes"/>, what hindsight needs to <paramref name="facts"/>. What came at
    /// one moment is one change, told with the next moment or by <see cref="Note"/>.
    /// </summary>
    public void Take(JournalEntry entry, ICollection<OccupancyChange> changes, ICollection<SiteFact> facts)
    {
        if (entry.Received != _unnotedAt)
        {
            Note(changes);
            _unnotedAt = entry.Received;
        }

        AdvanceTo(entry.Received, changes);
        _unsaved.Add(entry.Site);
        if (entry.Fact is SitesRevised revised)
        {
            Note(changes);
            Sites = Use(revised.Document, _running.ToDictionary(r => r.Key, r => r.Value.Estimator.Snapshot()));
            foreach (var running in _running.Values)
            {
                running.Estimator.Advance(entry.Received);
            }
        }
        else if (_running.TryGetValue(entry.Site, out var running))
        {
            running.Estimator.Advance(entry.Received);
            foreach (var observation in running.Observations.Of(entry))
            {
                running.Estimator.Observe(observation);
                if (DayFact.Of(observation) is { } fact)
                {
                    facts.Add(new SiteFact(
                        entry.Site, Reconciler.DayOf(fact.At, running.TimeZone), fact, entry.Received, running.InIsPositive(fact.Source)));
                }
            }

            _unnoted.Add(running);
        }
    }

    /// <summary>Tells the changes by what was taken last.</summary>
    public void Note(ICollection<OccupancyChange> changes)
    {
        foreach (var running in _unnoted)
        {
            running.Note(_unnotedAt, changes);
        }

        _unnoted.Clear();
    }

    /// <summary>Lets time pass, minute by minute.</summary>
    public void AdvanceTo(DateTimeOffset now, ICollection<OccupancyChange> changes)
    {
        if (Clock is not { } clock)
        {
            Clock = now;
            foreach (var running in _running.Values)
            {
                running.Estimator.Advance(now);
            }

            _unsaved.UnionWith(_running.Keys);
            return;
        }

        if (now <= clock)
        {
            return;
        }

        Note(changes);
        var first = new DateTimeOffset(clock.UtcTicks - (clock.UtcTicks % Minute.Ticks), TimeSpan.Zero) + Minute;
        if (first <= now)
        {
            _unsaved.UnionWith(_running.Keys);
        }

        for (var tick = first; tick <= now; tick += Minute)
        {
            foreach (var running in _running.Values)
            {
                running.Estimator.Advance(tick);
                running.Note(tick, changes);
            }
        }

        // Within a minute nothing happens by itself: each estimator is told the time when it hears of something.
        Clock = now;
    }

    public bool Has(string site) => _running.ContainsKey(site);

    public IReadOnlyList<ZoneEstimate> Read(string site) => _running[site].Estimator.Read();

    /// <summary>Tells how the doors of each site count.</summary>
    public void ShowDoors(OccupancyBoard board)
    {
        foreach (var running in _running.Values)
        {
            var devices = running.Site.Sensors.ToDictionary(s => s.Id, s => s.Device);
            board.ShowDoors(running.Site.Id, running.Site.Portals.Zip(running.Estimator.Doors(), (portal, door) => (devices[portal.Sensor], new DoorState(
                portal.Sensor, Math.Round(door.PersonsPerIn, 3), Math.Round(door.PersonsPerOut, 3), Math.Sign(door.Worse)))));
        }
    }

    /// <summary>The states of the sites that are not as they were at the last <see cref="Saved"/>: after a revision all of them.</summary>
    public Dictionary<string, byte[]> Snapshots() =>
        _unsaved.Where(_running.ContainsKey).ToDictionary(site => site, site => _running[site].Estimator.Snapshot());

    public void Saved() => _unsaved.Clear();

    /// <summary>The estimates as others may see them: a private zone shows only whether someone is there.</summary>
    public SiteOccupancy Shown(string site, long version)
    {
        var running = _running[site];
        var zones = running.Site.Zones.ToDictionary(z => z.Id);
        return new SiteOccupancy(site, Clock ?? default, version, [.. running.Estimator.Read().Select(e =>
            zones.TryGetValue(e.Zone, out var zone) && zone.Private
                ? new ZoneOccupancy(e.Zone, null, null, null, zone.Capacity, e.Presence, e.Stale)
                : new ZoneOccupancy(e.Zone, e.Estimate, e.Low, e.High, zone is null ? running.Site.Capacity : zone.Capacity, e.Presence, e.Stale))]);
    }

    private SitesDocument Use(SitesDocument sites, IReadOnlyDictionary<string, byte[]> snapshots)
    {
        _running.Clear();
        _unnoted.Clear();
        foreach (var site in sites.Sites)
        {
            var estimator = new BayesEstimator(site);
            var restored = snapshots.TryGetValue(site.Id, out var snapshot) && estimator.Restore(snapshot);
            _running[site.Id] = new Running(site, estimator, restored);
        }

        _unsaved.UnionWith(_running.Keys);
        return sites;
    }

    private sealed class Running(Site site, ISiteEstimator estimator, bool restored)
    {
        // After a restore the last estimates were noted before the snapshot; a new site's first ones are news.
        private readonly Dictionary<string, ZoneEstimate> _noted = restored ? estimator.Read().ToDictionary(e => e.Zone) : [];
        private readonly HashSet<string> _outward = [.. site.Portals.Where(p => !SitePlan.InIsPositive(p)).Select(p => p.Id)];

        public Site Site => site;

        public ISiteEstimator Estimator => estimator;

        public SiteObservations Observations { get; } = new(site);

        public bool InIsPositive(string portal) => !_outward.Contains(portal);

        public TimeZoneInfo TimeZone { get; } = OpeningHours.ZoneOf(site);

        public void Note(DateTimeOffset at, ICollection<OccupancyChange> changes)
        {
            foreach (var e in estimator.Read())
            {
                if (!_noted.TryGetValue(e.Zone, out var last) || (last.Estimate, last.Low, last.High) != (e.Estimate, e.Low, e.High))
                {
                    changes.Add(new OccupancyChange(site.Id, e.Zone, Live, at, e.Estimate, e.Low, e.High));
                    _noted[e.Zone] = e;
                }
            }
        }
    }
}
