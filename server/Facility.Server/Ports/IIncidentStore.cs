using Facility.Contracts.Rest;
using Facility.Domain.Alerts;

namespace Facility.Server.Ports;

/// <summary>Incidents, what the rules remember and the follower's cursor: one transaction holds all of it. All follows from the journal.</summary>
public interface IIncidentStore
{
    /// <summary>Where the last save was; incidents are those that are not resolved.</summary>
    (long Cursor, long Version, BookState Book, IReadOnlyList<Incident> Unresolved) Load();

    /// <summary>All or nothing, durable when it returns.</summary>
    void Save(long cursor, BookState book, IReadOnlyCollection<Incident> changed, IReadOnlyCollection<SpanEdge> edges);

    /// <summary>Forgets what follows from entries received since a time, so that the journal can be taken again from there.</summary>
    void StartOver(DateTimeOffset since);

    Incident? Find(string id);

    /// <summary>The newest first.</summary>
    IReadOnlyList<Incident> List(string? site, string? state, int max);

    /// <summary>When conditions of a site stood within a span of time, of the rules that <see cref="Readiness"/> is made of.</summary>
    IReadOnlyList<ConditionSpan> Spans(string site, DateTimeOffset from, DateTimeOffset to);
}

/// <summary>Incidents as they are now. <see cref="Changed"/> gives each change once and in order of version: return at once.</summary>
public interface IIncidentState
{
    (long Version, IReadOnlyList<Incident> Unresolved) Now { get; }

    event Action<Incident>? Changed;
}
