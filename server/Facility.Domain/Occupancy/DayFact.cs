namespace Facility.Domain.Occupancy;

/// <summary>What a <see cref="DayFact"/> tells.</summary>
public enum DayFactKind
{
    /// <summary>Persons through the portal <see cref="DayFact.Source"/>.</summary>
    Passage,

    /// <summary>The presence sensor <see cref="DayFact.Source"/> sees someone (1) or nobody (0), or does not work (-1).</summary>
    Presence,

    /// <summary>A person counted heads in the zone <see cref="DayFact.Source"/>.</summary>
    Count,
}

/// <summary>What hindsight is made of: something of a day, by the time it happened.</summary>
public readonly record struct DayFact(DateTimeOffset At, string Source, int Value, DayFactKind Kind = DayFactKind.Passage)
{
    /// <summary>The fact in an observation; null where hindsight has no use for it.</summary>
    public static DayFact? Of(Observation observation) => observation switch
    {
        PassageObserved p => new(p.At, p.Portal, p.Persons),
        PresenceObserved p => new(p.At, p.Sensor, p.Someone ? 1 : 0, DayFactKind.Presence),
        SensorFaulted { Faulty: true } f => new(f.At, f.Sensor, -1, DayFactKind.Presence),
        PeopleCounted c => new(c.At, c.Zone, c.People, DayFactKind.Count),
        _ => null,
    };
}
