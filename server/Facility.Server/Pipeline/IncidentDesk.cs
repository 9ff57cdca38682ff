using System.Collections.Concurrent;
using Facility.Contracts.Rest;
using Facility.Domain.Alerts;
using Facility.Domain.Incidents;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>
/// The incidents of all sites, as the journal tells them: a journal that is taken again gives the same ones. Every change is on disk
/// before anyone is told; a save that fails puts back what was saved last.
/// </summary>
/// <remarks>Its state is a fold over entries: the sites that rule, the rules' book, and the incidents that are not resolved. One file, because
/// all of it changes under one lock and is saved, or put back, together.</remarks>
public sealed class IncidentDesk : IIncidentState
{
    private readonly IIncidentStore _store;
    private readonly Func<long, SitePlans> _plansAt;
    private readonly Lock _gate = new();
    private readonly UnresolvedIncidents _unresolved = new();
    private readonly List<Incident> _changed = [];
    private readonly List<SpanEdge> _edges = [];
    private readonly ConcurrentDictionary<Guid, TaskCompletionSource<(Incident?, string?)>> _expected = [];
    private readonly List<(Guid Id, Incident? Next, string? Refusal)> _outcomes = [];
    private AlertBook _book = null!;
    private SitePlans _plans = null!;
    private long _version;

    /// <param name="plansAt">The sites that ruled just after an entry of the journal.</param>
    public IncidentDesk(IIncidentStore store, Func<long, SitePlans> plansAt)
    {
        (_store, _plansAt) = (store, plansAt);
        Reload();
    }

    public event Action<Incident>? Changed;

    public long Cursor { get; private set; }

    public SitePlans Plans => _plans;

    public (long Version, IReadOnlyList<Incident> Unresolved) Now
    {
        get
        {
            lock (_gate)
            {
                return (_version, _unresolved.All);
            }
        }
    }

    /// <summary>A condition that stands; null when it does not.</summary>
    public Condition? Find(string site, string rule, string cause)
    {
        lock (_gate)
        {
            return _book.Find(site, rule, cause);
        }
    }

    /// <summary>Takes entries in order and saves with the cursor at the last.</summary>
    public void Take(IReadOnlyList<JournalEntry> entries)
    {
        lock (_gate)
        {
            Saving(entries[^1].Id, () =>
            {
                foreach (var entry in entries)
                {
                    Take(entry);
                }
            });
        }
    }

    /// <summary>Lets time pass at the head of the journal.</summary>
    public void Tick(DateTimeOffset now)
    {
        lock (_gate)
        {
            Saving(Cursor, () => PassAll(now));
        }
    }

    /// <summary>Adds who was told of an incident: of the deliveries, which are kept elsewhere, and so not in the journal.</summary>
    public void Told(string id, Saying what, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (Known(id) is { } incident && IncidentLife.Told(incident, what, now) is var next && !ReferenceEquals(next, incident))
            {
                Saving(Cursor, () => Put(next));
            }
        }
    }

    /// <summary>What an act would lead to now: why not, or the incident as it would be; neither when there is no such incident.</summary>
    public (Incident? Next, string? Refusal) Try(PersonActed act, DateTimeOffset now)
    {
        lock (_gate)
        {
            return Known(act.Incident) is { } incident ? IncidentLife.Do(incident, act, Stands(incident), now) : (null, null);
        }
    }

    /// <summary>Completes when an act has been taken from the journal. Call <see cref="Forget"/> after it.</summary>
    public Task<(Incident? Next, string? Refusal)> Expect(Guid act) =>
        _expected.GetOrAdd(act, _ => new TaskCompletionSource<(Incident?, string?)>(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Forget(Guid act) => _expected.TryRemove(act, out _);

    /// <summary>The journal is another than it was: all that follows from it is taken again.</summary>
    /// <param name="since">When its first entry was received; what was before is kept.</param>
    public void StartOver(DateTimeOffset since)
    {
        lock (_gate)
        {
            _store.StartOver(since);
            Reload();
        }
    }

    private void Take(JournalEntry entry)
    {
        if (entry.Fact is SitesRevised revised)
        {
            PassAll(entry.Received);
            _plans = new SitePlans(revised.Document);
            _book.Revise(entry.Received);
            PassAll(entry.Received);
            return;
        }

        Pass(entry.Site, entry.Received);
        var before = _book.Revision;
        switch (entry.Fact)
        {
            case PersonActed act:
                Do(act, entry);
                break;
            case ZonesFrozen frozen when _unresolved.Find(frozen.Incident) is { WhoWasWhere: null } incident:
                Put(incident with { WhoWasWhere = frozen.Zones });
                break;
            case var _ when PlanOf(entry.Site) is { } plan:
                Perform(_book.Take(entry, plan));
                break;
            default:
                break;
        }

        if (_book.Revision != before)
        {
            Pass(entry.Site, entry.Received);
        }
    }

    private void Do(PersonActed act, JournalEntry entry)
    {
        if (Known(act.Incident) is not { } incident)
        {
            _outcomes.Add((act.Id, null, null));
            return;
        }

        var (next, refusal) = IncidentLife.Do(incident, act, Stands(incident), entry.Received);
        if (next is not null && !ReferenceEquals(next, incident))
        {
            next = Put(next);
            if (next.State == IncidentLife.Resolved)
            {
                Resolved(next, act, entry.Received);
            }
        }

        _outcomes.Add((act.Id, next, refusal));
    }

    private void Resolved(Incident incident, PersonActed act, DateTimeOffset at)
    {
        _book.Resolved(incident.Site, incident.Rule, incident.Cause);
        if (incident.Rule == AlertRule.AedTaken)
        {
            _edges.Add(new SpanEdge(incident.Site, CabinetRules.Unchecked, incident.Cause, at, false));
            if (_plans.Of(incident.Site) is { } plan)
            {
                _book.Enter(plan, incident.Cause, act.PadsExpire, act.BatteryExpires, at);
            }
        }
    }

    private void PassAll(DateTimeOffset now)
    {
        foreach (var plan in _plans.All.Prepend(_plans.Server))
        {
            Perform(_book.Tick(now, plan));
        }

        Lapse(null, now);
    }

    private void Pass(string site, DateTimeOffset now)
    {
        if (PlanOf(site) is { } plan)
        {
            Perform(_book.Tick(now, plan));
        }

        Lapse(site, now);
    }

    private void Lapse(string? site, DateTimeOffset now)
    {
        foreach (var incident in _unresolved.Acknowledged(site))
        {
            var lapse = AlertLimits.Of(PlanOf(incident.Site) ?? _plans.Server, incident.Rule, incident.Zone).Lapse;
            if (IncidentLife.Lapsed(incident, lapse, now) is { } lapsed)
            {
                Put(lapsed);
            }
        }
    }

    private void Perform(IReadOnlyList<Decision> decisions)
    {
        foreach (var decision in decisions)
        {
            var c = decision.Condition;
            if (_unresolved.Of(c.Site, c.Rule, c.Cause) is { } known)
            {
                Put(IncidentLife.Hear(known, decision));
            }
            else if (decision.Verdict is Verdict.Open or Verdict.History && IncidentLife.Begin(decision) is var begun && !IsKnown(begun.Id))
            {
                Put(begun);
                if (begun is { Rule: AlertRule.AedTaken, State: IncidentLife.Open })
                {
                    _edges.Add(new SpanEdge(begun.Site, CabinetRules.Unchecked, begun.Cause, begun.OpenedAt, true));
                }
            }
        }
    }

    private SitePlan? PlanOf(string site) => site.Length == 0 ? _plans.Server : _plans.Of(site);

    private Incident? Known(string id) => _unresolved.Find(id) ?? _changed.FindLast(i => i.Id == id) ?? _store.Find(id);

    private bool IsKnown(string id) => Known(id) is not null;

    private bool Stands(Incident i) => _book.Find(i.Site, i.Rule, i.Cause) is not null;

    private Incident Put(Incident incident)
    {
        incident = incident with { IncidentVersion = ++_version };
        _changed.Add(incident);
        _unresolved.Put(incident);
        return incident;
    }

    private void Saving(long cursor, Action change)
    {
        try
        {
            var before = _book.Revision;
            change();
            _edges.AddRange(_book.TakeEdges());
            if (cursor != Cursor || _changed.Count > 0 || _edges.Count > 0 || before != _book.Revision)
            {
                _store.Save(cursor, _book.State, _changed, _edges);
            }

            Cursor = cursor;
        }
        catch
        {
            Reload();
            throw;
        }

        var (told, outcomes) = (_changed.ToArray(), _outcomes.ToArray());
        _changed.Clear();
        _edges.Clear();
        _outcomes.Clear();
        foreach (var incident in told)
        {
            Changed?.Invoke(incident);
        }

        foreach (var (id, next, refusal) in outcomes)
        {
            if (_expected.TryGetValue(id, out var waiting))
            {
                waiting.TrySetResult((next, refusal));
            }
        }
    }

    private void Reload()
    {
        var (cursor, version, book, unresolved) = _store.Load();
        (Cursor, _version, _book, _plans) = (cursor, version, new AlertBook(book), _plansAt(cursor));
        _changed.Clear();
        _edges.Clear();
        _outcomes.Clear();
        _unresolved.Clear();
        foreach (var incident in unresolved)
        {
            _unresolved.Put(incident);
        }
    }
}
