namespace Facility.Contracts.Rest;

/// <summary><c>GET /v1/incidents</c>.</summary>
public sealed record IncidentList(IReadOnlyList<Incident> Incidents);

/// <summary>Something a person must act on.</summary>
/// <param name="Site">Empty of the server's own trouble.</param>
/// <param name="IncidentVersion">Rises by one with every change of any incident.</param>
/// <param name="Cause">The sensor, device, cabinet or zone: one unresolved incident of a rule for each.</param>
/// <param name="WhoWasWhere">Of a fire or evacuation: the zones as they were when it was told.</param>
/// <param name="OpenSince">When it was opened, or its acknowledgement lapsed: from then on people are called.</param>
/// <param name="Ticks">Steps of the playbook that are done.</param>
public sealed record Incident(
    string Id,
    string Site,
    string? Zone,
    string Rule,
    string Severity,
    string State,
    DateTimeOffset OpenedAt,
    string? AcknowledgedBy,
    IReadOnlyList<TimelineEntry> Timeline,
    long IncidentVersion = 0,
    string Cause = "",
    DateTimeOffset? AcknowledgedAt = null,
    IReadOnlyList<ZoneOccupancy>? WhoWasWhere = null,
    DateTimeOffset? OpenSince = null,
    IReadOnlyList<PlaybookTick>? Ticks = null);

/// <param name="What">In English; in another language by <paramref name="Code"/>, <paramref name="Values"/> and <paramref name="Note"/> (<see cref="Sayings"/>).</param>
public sealed record TimelineEntry(
    DateTimeOffset At, string What, string? Who, string Code = "", IReadOnlyList<string>? Values = null, string? Note = null);

/// <summary>A step of the playbook, from 1, that is done.</summary>
public sealed record PlaybookTick(int Step, string Who, DateTimeOffset At);

/// <summary>The body of an acknowledgement, a note or a resolution.</summary>
/// <param name="Who">Says nothing: who has signed in is who acts.</param>
/// <param name="Checked">Of an AED that was taken: it was checked.</param>
public sealed record IncidentAct(
    string? Note = null, string? Who = null, bool Checked = false, DateOnly? PadsExpire = null, DateOnly? BatteryExpires = null);

/// <summary>The body of <c>POST /v1/incidents/{id}/steps/{step}</c>.</summary>
public sealed record StepAct(bool Done = true, string? Who = null);

/// <summary>The body of <c>POST /v1/sites/{site}/cabinets/{cabinet}/checks</c>: an AED that was checked, with the dates that are new.</summary>
public sealed record CabinetCheck(string? Who = null, DateOnly? PadsExpire = null, DateOnly? BatteryExpires = null, string? Note = null);

/// <summary><c>GET /v1/sites/{site}/aed-readiness</c>.</summary>
public sealed record AedReadiness(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<ReadinessRow> Cabinets);

/// <summary>Minutes that an AED was ready out of all; each other minute counts once, for the first cause in this order.</summary>
/// <param name="Absent">Not in its cabinet.</param>
/// <param name="Expired">Its pads or battery.</param>
/// <param name="Temperature">Too cold or hot.</param>
/// <param name="Tampered">Its cabinet.</param>
/// <param name="Unchecked">Back, and not checked since.</param>
/// <param name="Unknown">A sensor or device of it was not heard or did not work, or nothing of it was known yet.</param>
public sealed record ReadinessRow(
    string Cabinet, double Minutes, double Ready, double Absent, double Expired, double Temperature, double Tampered, double Unchecked, double Unknown);
