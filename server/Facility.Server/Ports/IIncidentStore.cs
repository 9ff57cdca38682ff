using Facility.Contracts.Rest;
using Facility.Domain.Alerts;

namespace Facility.Server.Ports;

/// <summary>Incidents, the conditions behind them and the follower's cursor: one transaction holds all of it.</summary>
public interface IIncidentStore
{
    /// <summary>Where the last save was; incidents are those that are not resolved.</summary>
    (long Cursor, long Version, IReadOnlyList<Condition> Standing, IReadOnlyList<Incident> Unresolved) Load();

    /// <summary>All or nothing, durable when it returns.</summary>
    /// <param name="cursor">Null leaves cursor and conditions as they are: a person's act.</param>
    void Save(long? cursor, IReadOnlyCollection<Condition> standing, IReadOnlyCollection<Incident> changed);

    Incident? Find(string id);

    /// <summary>The newest first.</summary>
    IReadOnlyList<Incident> List(string? site, string? state, int max);
}

/// <summary>Incidents as they are now. <see cref="Changed"/> gives each change once and in order of version: return at once.</summary>
public interface IIncidentState
{
    (long Version, IReadOnlyList<Incident> Unresolved) Now { get; }

    event Action<Incident>? Changed;
}
