using Facility.Contracts.Rest;
using Facility.Domain.Alerts;
using Facility.Domain.Incidents;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>
/// The incidents of all sites: the follower brings what the journal tells, people bring what they do. Every change is on disk
/// before anyone is told; a save that fails puts back what was saved last.
/// </summary>
public sealed class IncidentDesk : IIncidentState
{
    private readonly IIncidentStore _store;
    private readonly IOccupancyState _occupancy;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Incident> _unresolved = [];
    private readonly List<Incident> _changed = [];
    private AlertBook _book = null!;
    private long _version;
    private bool _moved;

    public IncidentDesk(IIncidentStore store, IOccupancyState occupancy)
    {
        (_store, _occupancy) = (store, occupancy);
        Reload();
    }

    public event Action<Incident>? Changed;

    public long Cursor { get; private set; }

    public (long Version, IReadOnlyList<Incident> Unresolved) Now
    {
        get
        {
            lock (_gate)
            {
                return (_version, [.. _unresolved.Values]);
            }
        }
    }

    /// <summary>Takes entries in order and saves with the cursor at the last.</summary>
    public void Take(IReadOnlyList<JournalEntry> entries, Func<JournalEntry, SitePlan?> planOf)
    {
        lock (_gate)
        {
            Saving(entries[^1].Id, () =>
            {
                foreach (var entry in entries)
                {
                    if (planOf(entry) is { } plan)
                    {
                        Perform(_book.Take(entry, plan));
                        Perform(_book.Tick(entry.Received, plan, null));
                    }
                }
            });
        }
    }

    /// <summary>Lets time pass at the head of the journal.</summary>
    public void Tick(DateTimeOffset now, IEnumerable<SitePlan> plans)
    {
        lock (_gate)
        {
            _moved = false;
            Saving(Cursor, () =>
            {
                foreach (var plan in plans)
                {
                    Perform(_book.Tick(now, plan, _occupancy.Of(plan.Site.Id)));
                }

                foreach (var lapsed in _unresolved.Values.Select(i => IncidentLife.Lapsed(i, now)).OfType<Incident>().ToArray())
                {
                    Put(lapsed);
                }
            });
        }
    }

    /// <summary>A person's act; the incident as it is then, or why not.</summary>
    public (Incident? Next, string? Refusal) Act(string id, Func<Incident, bool, (Incident?, string?)> act)
    {
        lock (_gate)
        {
            if ((_unresolved.GetValueOrDefault(id) ?? _store.Find(id)) is not { } incident)
            {
                return (null, null);
            }

            var (next, refusal) = act(incident, _book.Stands(incident.Site, incident.Rule, incident.Cause));
            if (next is null)
            {
                return (null, refusal);
            }

            Saving(null, () => Put(next));
            return (_store.Find(id), null);
        }
    }

    private void Perform(IEnumerable<Decision> decisions)
    {
        foreach (var decision in decisions)
        {
            _moved = true;
            var c = decision.Condition;
            if (_unresolved.Values.FirstOrDefault(i => (i.Site, i.Rule, i.Cause) == (c.Site, c.Rule, c.Cause)) is { } known)
            {
                Put(IncidentLife.Hear(known, decision));
            }
            else if (decision.Verdict is Verdict.Open or Verdict.History && IncidentLife.Begin(decision) is var begun && !IsKnown(begun.Id))
            {
                Put(c.Rule == AlertRule.Fire ? begun with { WhoWasWhere = _occupancy.Of(c.Site)?.Zones } : begun);
            }
        }
    }

    private bool IsKnown(string id) => _changed.Exists(i => i.Id == id) || _store.Find(id) is not null;

    private void Put(Incident incident)
    {
        incident = incident with { IncidentVersion = ++_version };
        _changed.Add(incident);
        if (incident.State == IncidentLife.Resolved)
        {
            _unresolved.Remove(incident.Id);
        }
        else
        {
            _unresolved[incident.Id] = incident;
        }
    }

    private void Saving(long? cursor, Action change)
    {
        try
        {
            var before = _book.Standing.Count;
            change();
            if (cursor != Cursor || _moved || _changed.Count > 0 || before != _book.Standing.Count)
            {
                _store.Save(cursor, _book.Standing, _changed);
            }

            Cursor = cursor ?? Cursor;
        }
        catch
        {
            Reload();
            throw;
        }

        var told = _changed.ToArray();
        _changed.Clear();
        foreach (var incident in told)
        {
            Changed?.Invoke(incident);
        }
    }

    private void Reload()
    {
        var (cursor, version, standing, unresolved) = _store.Load();
        (Cursor, _version, _book) = (cursor, version, new AlertBook(standing));
        _changed.Clear();
        _unresolved.Clear();
        foreach (var incident in unresolved)
        {
            _unresolved[incident.Id] = incident;
        }
    }
}
