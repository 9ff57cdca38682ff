namespace Facility.Contracts.Rest;

/// <summary><c>GET /v1/incidents</c>.</summary>
public sealed record IncidentList(IReadOnlyList<Incident> Incidents);

/// <summary>Something a person must act on.</summary>
/// <param name="IncidentVersion">Rises by one with every change of any incident.</param>
/// <param name="Cause">The sensor, device, cabinet or zone: one unresolved incident of a rule for each.</param>
/// <param name="OpenSince">When the server opened it, or its acknowledgement lapsed: from then on people are called.</param>
/// <param name="WhoWasWhere">Of a fire: the zones as they were when it was told.</param>
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
    DateTimeOffset? OpenSince = null);

public sealed record TimelineEntry(DateTimeOffset At, string What, string? Who);

/// <summary>The body of an acknowledgement or a resolution.</summary>
/// <param name="Who">Until there are accounts a person says who it is; "unknown" without.</param>
/// <param name="Checked">Of an AED that was taken: it was checked.</param>
public sealed record IncidentAct(
    string? Note = null, string? Who = null, bool Checked = false, DateOnly? PadsExpire = null, DateOnly? BatteryExpires = null);
