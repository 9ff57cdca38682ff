namespace Facility.Domain.Occupancy;

/// <summary>
/// What a site's estimator learns, in order of receipt. <paramref name="Received"/> never falls; where an event happened
/// earlier than it was received, its own time says so.
/// </summary>
public abstract record Observation(DateTimeOffset Received);

/// <summary>Persons through a portal, positive from its first zone into its second.</summary>
/// <param name="At">When it happened.</param>
/// <param name="TimeCertain">False where the device's clock was not set.</param>
public sealed record PassageObserved(DateTimeOffset Received, DateTimeOffset At, bool TimeCertain, string Portal, int Persons)
    : Observation(Received);

/// <summary>A presence sensor sees someone in a zone, or nobody any more.</summary>
public sealed record PresenceObserved(DateTimeOffset Received, DateTimeOffset At, bool TimeCertain, string Sensor, string Zone, bool Someone)
    : Observation(Received);

/// <summary>A person counted heads. Zone may be <c>site</c>.</summary>
public sealed record PeopleCounted(DateTimeOffset Received, DateTimeOffset At, string Zone, int People)
    : Observation(Received);

/// <summary>A sensor stopped working, or works again.</summary>
public sealed record SensorFaulted(DateTimeOffset Received, DateTimeOffset At, string Sensor, bool Faulty)
    : Observation(Received);

/// <summary>A device became silent or offline, or is heard again.</summary>
public sealed record DeviceReachable(DateTimeOffset Received, string Device, bool Reachable)
    : Observation(Received);

/// <summary>Events of a device are lost, and with them perhaps passages.</summary>
public sealed record EventsLost(DateTimeOffset Received, string Device, long Count)
    : Observation(Received);
