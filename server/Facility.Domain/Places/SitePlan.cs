using System.Collections.Frozen;
using Facility.Contracts.Places;

namespace Facility.Domain.Places;

/// <summary>One site, compiled for lookup. Never changes: a revision of the sites makes a new one.</summary>
public sealed class SitePlan
{
    private readonly FrozenDictionary<string, Sensor> sensors;
    private readonly FrozenDictionary<string, Portal> portals;
    private readonly FrozenDictionary<string, Zone> zones;
    private readonly FrozenSet<string> devices;
    private readonly FrozenDictionary<string, AedModel> models;

    /// <summary>Of an id that stands twice the first counts; the sites file is checked for that before it comes here.</summary>
    /// <param name="document">What holds for all sites: settings of rules, models of AEDs.</param>
    public SitePlan(Site site, SitesDocument? document = null)
    {
        (Site, Rules) = (site, [.. document?.Rules ?? [], .. site.Rules ?? []]);
        models = (document?.AedModels ?? []).DistinctBy(m => m.Id).ToFrozenDictionary(m => m.Id);
        sensors = site.Sensors.DistinctBy(s => s.Id).ToFrozenDictionary(s => s.Id);
        portals = site.Portals.DistinctBy(p => p.Sensor).ToFrozenDictionary(p => p.Sensor);
        zones = site.Zones.DistinctBy(z => z.Id).ToFrozenDictionary(z => z.Id);
        devices = site.Sensors.Select(s => s.Device).ToFrozenSet();
    }

    public Site Site { get; }

    /// <summary>Settings of alert rules; a later one goes before an earlier one.</summary>
    public IReadOnlyList<RuleSetting> Rules { get; }

    public IReadOnlyCollection<string> Devices => devices;

    /// <summary>The most people that a count of it may say: more is a slip of the hand.</summary>
    public int MostPeople => Math.Max(1000, 10 * Site.Capacity);

    public Sensor? Sensor(string id) => sensors.GetValueOrDefault(id);

    /// <summary>The portal that a sensor counts at; null where it counts at none.</summary>
    public Portal? PortalOf(string sensor) => portals.GetValueOrDefault(sensor);

    public Zone? Zone(string id) => zones.GetValueOrDefault(id);

    /// <summary>Between which degrees a cabinet's AED works: its own limits, its model's, or what most AEDs stand.</summary>
    public (double Min, double Max) Degrees(Cabinet cabinet)
    {
        var model = cabinet.Model is { } id ? models.GetValueOrDefault(id) : null;
        return (cabinet.MinCelsius ?? model?.MinCelsius ?? 0, cabinet.MaxCelsius ?? model?.MaxCelsius ?? 50);
    }

    public bool HasDevice(string device) => devices.Contains(device);

    /// <summary>Whether a positive passage counts as "in": yes, but at a door whose second side is outside.</summary>
    public static bool InIsPositive(Portal portal) => portal.To != Contracts.Places.Site.Outside;
}

/// <summary>All sites of one revision, compiled for lookup.</summary>
public sealed class SitePlans
{
    public static readonly SitePlans Empty = new(new SitesDocument([]));

    private readonly FrozenDictionary<string, SitePlan> plans;

    public SitePlans(SitesDocument document)
    {
        Document = document;
        plans = document.Sites.DistinctBy(s => s.Id).ToFrozenDictionary(s => s.Id, s => new SitePlan(s, document));
        Server = new SitePlan(new Site("", "", document.Sites.Count > 0 ? document.Sites[0].TimeZone : "Etc/UTC", 0, [], [], []), document);
    }

    public SitesDocument Document { get; }

    /// <summary>The server itself, as a site without a name: what its own trouble is of.</summary>
    public SitePlan Server { get; }

    /// <summary>In the order of the document.</summary>
    public IEnumerable<SitePlan> All => Document.Sites.Select(s => plans[s.Id]);

    public SitePlan? Of(string site) => plans.GetValueOrDefault(site);
}
