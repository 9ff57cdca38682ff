using Facility.Contracts.Rest;
using Facility.Domain.Incidents;

namespace Facility.Server.Pipeline;

/// <summary>The incidents that are not resolved, found by what they are asked for by: of thousands none is looked through.</summary>
internal sealed class UnresolvedIncidents
{
    private readonly Dictionary<string, Incident> _byId = [];
    private readonly Dictionary<(string Site, string Rule, string Cause), string> _byCause = [];
    private readonly HashSet<string> _acknowledged = [];

    public IReadOnlyList<Incident> All => [.. _byId.Values];

    public Incident? Find(string id) => _byId.GetValueOrDefault(id);

    /// <summary>The one of a rule and its cause: there is at most one.</summary>
    public Incident? Of(string site, string rule, string cause) =>
        _byCause.TryGetValue((site, rule, cause), out var id) ? _byId[id] : null;

    /// <summary>Those that somebody has taken up, of one site or all.</summary>
    public IReadOnlyList<Incident> Acknowledged(string? site) => [.. _acknowledged.Select(id => _byId[id]).Where(i => site is null || i.Site == site)];

    /// <summary>Takes an incident as it is now; one that is resolved leaves.</summary>
    public void Put(Incident incident)
    {
        var cause = (incident.Site, incident.Rule, incident.Cause);
        if (incident.State != IncidentLife.Resolved)
        {
            (_byId[incident.Id], _byCause[cause]) = (incident, incident.Id);
        }
        else if (_byId.Remove(incident.Id))
        {
            _byCause.Remove(cause);
        }

        _ = incident.State == IncidentLife.Acknowledged ? _acknowledged.Add(incident.Id) : _acknowledged.Remove(incident.Id);
    }

    public void Clear()
    {
        _byId.Clear();
        _byCause.Clear();
        _acknowledged.Clear();
    }
}
