using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;

namespace Facility.Domain.Ingestion;

/// <summary>
/// One entry of the journal: the only durable write of the server. Everything else follows it with a cursor of its own.
/// </summary>
/// <param name="Id">Rises with every entry; a cursor is the id of the last entry taken.</param>
/// <param name="Received">Server time; never falls from one entry to the next.</param>
/// <param name="Site">Empty for a fact about all sites.</param>
/// <param name="Device">Empty for a fact that no device told.</param>
public sealed record JournalEntry(long Id, DateTimeOffset Received, string Site, string Device, JournalFact Fact);

/// <summary>What happened.</summary>
public abstract record JournalFact;

/// <summary>Events of a device's stream, contiguous and in order; each stands in the journal exactly once.</summary>
public sealed record EventsJournaled(Guid Stream, IReadOnlyList<JournaledEvent> Events) : JournalFact;

/// <summary>Events <paramref name="From"/>..<paramref name="To"/> of a stream will never come: the device no longer holds them.</summary>
public sealed record StreamGap(Guid Stream, long From, long To) : JournalFact;

/// <summary>A device became reachable (any message) or unreachable (silent, or offline by its own word or its Will).</summary>
public sealed record ReachabilityChanged(bool Reachable) : JournalFact;

/// <summary>A person's own count of a zone.</summary>
public sealed record CountEntered(string Zone, int People, string Who) : JournalFact;

/// <summary>A revision of the sites; it rules from here on.</summary>
/// <param name="Who">Who made it; empty where it came from a file.</param>
/// <param name="Note">Why, in that person's own words.</param>
public sealed record SitesRevised(SitesDocument Document, string Who = "", string Note = "") : JournalFact;

/// <summary>A person did something to an incident. Whether it was possible then follows from the entries before it.</summary>
/// <param name="Id">Of this act, for who waits for its outcome.</param>
/// <param name="Act">One of the constants.</param>
/// <param name="Step">Of the playbook, from 1.</param>
/// <param name="Done">The step is ticked, or no longer.</param>
/// <param name="Checked">Of an AED that was taken: it was checked, and its parts expire on the two days.</param>
public sealed record PersonActed(
    Guid Id, string Incident, string Act, string Who, string? Note = null, int Step = 0, bool Done = false,
    bool Checked = false, DateOnly? PadsExpire = null, DateOnly? BatteryExpires = null) : JournalFact
{
    public const string Acknowledgement = "acknowledgement";
    public const string Resolution = "resolution";
    public const string Remark = "note";
    public const string Tick = "step";
}

/// <summary>A person checked an AED; a part's date that is not given stays.</summary>
public sealed record CabinetChecked(string Cabinet, string Who, DateOnly? PadsExpire, DateOnly? BatteryExpires, string? Note) : JournalFact;

/// <summary>
/// What the server saw that no device told: its estimates over a limit, people inside at closing, its own trouble; or that a person
/// called for evacuation. In the journal, because a replay cannot see it again.
/// </summary>
/// <param name="Stands">It began; otherwise it is over.</param>
public sealed record Observed(string Rule, string Cause, string? Zone, bool Stands, Saying What, string? Who = null) : JournalFact;

/// <summary>Who was where at a fire or evacuation: the zones as they were told to be just after it began.</summary>
public sealed record ZonesFrozen(string Incident, IReadOnlyList<ZoneOccupancy> Zones) : JournalFact;

/// <summary>An event as the server keeps it.</summary>
/// <param name="At">When it happened: the device's time, or the time made of its age where its clock was not set.</param>
/// <param name="TimeCertain">False where the device's clock was not set.</param>
/// <param name="SetAside">Why it is kept from estimates and incidents, if it is.</param>
public readonly record struct JournaledEvent(
    long Seq, DateTimeOffset At, bool TimeCertain, string Sensor, string Kind, double Value, SetAside SetAside);
