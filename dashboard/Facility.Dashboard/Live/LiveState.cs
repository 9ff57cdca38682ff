using System.Collections.Immutable;
using Facility.Contracts.Live;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;

namespace Facility.Dashboard.Live;

/// <summary>What the page knows of the live world: pure; a newer version of a site replaces an older one.</summary>
public sealed record LiveState(ImmutableDictionary<string, SiteOccupancy> Occupancy, ImmutableDictionary<string, DeviceState> Devices)
{
    public static readonly LiveState Empty =
        new(ImmutableDictionary<string, SiteOccupancy>.Empty, ImmutableDictionary<string, DeviceState>.Empty);

    /// <summary>Those that are not resolved, and the version up to which they are known.</summary>
    public ImmutableDictionary<string, Incident> Incidents { get; init; } = ImmutableDictionary<string, Incident>.Empty;

    public long IncidentVersion { get; init; }

    /// <summary>A push that overtook the snapshot stays; devices have no version, and the snapshot is their truth.</summary>
    public LiveState Apply(Snapshot snapshot)
    {
        var next = this with
        {
            Devices = snapshot.Devices.ToImmutableDictionary(device => device.Device),
            Incidents = snapshot.Incidents.ToImmutableDictionary(incident => incident.Id),
            IncidentVersion = snapshot.IncidentVersion
        };
        return snapshot.Occupancy.Aggregate(next, (state, occupancy) => state.Apply(occupancy));
    }

    public LiveState Apply(SiteOccupancy occupancy) =>
        Occupancy.TryGetValue(occupancy.Site, out var known) && known.Version > occupancy.Version
            ? this
            : this with { Occupancy = Occupancy.SetItem(occupancy.Site, occupancy) };

    /// <returns>Null when one between was missed: watch again.</returns>
    public LiveState? Apply(Incident incident) => incident.IncidentVersion != IncidentVersion + 1 ? null : this with
    {
        Incidents = incident.State == "resolved" ? Incidents.Remove(incident.Id) : Incidents.SetItem(incident.Id, incident),
        IncidentVersion = incident.IncidentVersion,
    };

    public LiveState Apply(DeviceState device) => this with { Devices = Devices.SetItem(device.Device, device) };

    /// <summary>The figures stay on the page; whatever the next connection tells replaces them, also from a server restored from a backup.</summary>
    public LiveState Disconnected() =>
        this with { Occupancy = Occupancy.ToImmutableDictionary(pair => pair.Key, pair => pair.Value with { Version = long.MinValue }) };

    public ZoneOccupancy? Zone(string site, string zone) =>
        Occupancy.GetValueOrDefault(site)?.Zones.FirstOrDefault(candidate => candidate.Zone == zone);

    public ZoneOccupancy? WholeSite(string site) => Zone(site, Site.WholeSite);

    public IEnumerable<DeviceState> DevicesOf(string site) =>
        Devices.Values.Where(device => device.Site == site).OrderBy(device => device.Device, StringComparer.Ordinal);

    /// <summary>When the longest silent device of a site was last heard; null when none is silent or none was ever heard.</summary>
    public DateTimeOffset? StaleSince(string site) =>
        DevicesOf(site).Where(device => device.State != DeviceState.Online).Min(device => device.LastSeen);

    /// <summary>The present level of a sensor by a site's devices, with whether its device is heard now.</summary>
    public (double Value, bool Heard)? Level(string site, string? sensor) =>
        DevicesOf(site)
            .SelectMany(device => device.Sensors ?? [], (device, level) => (device, level))
            .Where(pair => pair.level.Sensor == sensor)
            .Select(pair => ((double, bool)?)(pair.level.Value, pair.device.State == DeviceState.Online))
            .FirstOrDefault();
}
