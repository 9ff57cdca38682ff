namespace Facility.Contracts.Rest;

/// <summary><c>GET /v1/incidents</c>.</summary>
public sealed record IncidentList(IReadOnlyList<Incident> Incidents);

/// <summary>Something a person must act on.</summary>
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
    long IncidentVersion = 0);

public sealed record TimelineEntry(DateTimeOffset At, string What, string? Who);
