using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Domain.Ingestion;

namespace Facility.Domain.Occupancy;

/// <summary>What one site's estimator learns from the journal: the live follower and the replay read it the same way.</summary>
public sealed class SiteObservations(Site site)
{
    private readonly Dictionary<string, string> _portalOf = site.Portals.ToDictionary(p => p.Sensor, p => p.Id);
    private readonly Dictionary<string, Sensor> _sensors = site.Sensors.ToDictionary(s => s.Id);

    /// <summary>Events that were set aside, and those that say nothing about people, give nothing.</summary>
    public IEnumerable<Observation> Of(JournalEntry entry) => entry.Fact switch
    {
        EventsJournaled batch => batch.Events.Select(e => Of(entry, e)).OfType<Observation>(),
        StreamGap gap => [new EventsLost(entry.Received, entry.Device, gap.To - gap.From + 1)],
        ReachabilityChanged change => [new DeviceReachable(entry.Received, entry.Device, change.Reachable)],
        CountEntered count => [new PeopleCounted(entry.Received, entry.Received, count.Zone, count.People)],
        _ => [],
    };

    private Observation? Of(JournalEntry entry, in JournaledEvent e)
    {
        if (e.SetAside != SetAside.None)
        {
            return null;
        }

        return e.Kind switch
        {
            EventKinds.Passage when _portalOf.TryGetValue(e.Sensor, out var portal) =>
                new PassageObserved(entry.Received, e.At, e.TimeCertain, portal, (int)e.Value),
            EventKinds.Presence when _sensors.TryGetValue(e.Sensor, out var sensor) && sensor.Zone is { } zone =>
                new PresenceObserved(entry.Received, e.At, e.TimeCertain, e.Sensor, zone, e.Value == 1),
            EventKinds.Fault => new SensorFaulted(entry.Received, e.At, e.Sensor, e.Value == 1),
            EventKinds.Lost => new EventsLost(entry.Received, entry.Device, (long)e.Value),
            _ => null,
        };
    }
}
