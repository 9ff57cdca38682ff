using System.Globalization;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;

namespace Facility.Domain.Alerts;

/// <summary>What becomes of a condition.</summary>
public enum Verdict
{
    Open,
    Repeat,
    Over,
    History,
}

/// <summary>A decision and its reason.</summary>
/// <param name="Reason">For a person's timeline.</param>
public readonly record struct Decision(Verdict Verdict, Condition Condition, DateTimeOffset At, Saying Reason, bool Urgent);

/// <summary>
/// Which conditions stand, by what the journal tells and by time, and which of them are incidents. A device that goes silent ends none.
/// </summary>
/// <remarks>
/// Time must have passed (<see cref="Tick"/>) up to an entry before it is taken, and again after it; ticks between entries only make
/// a decision come sooner: which ones are made, and the times in them, do not depend on ticks.
/// </remarks>
public sealed class AlertBook(BookState state)
{
    private readonly Dictionary<string, Condition> _standing = state.Standing.ToDictionary(c => c.Key);
    private readonly Dictionary<(string Site, string Cabinet), EnteredDates> _dates = state.Dates.ToDictionary(d => (d.Site, d.Cabinet));
    private readonly HashSet<string> _waiting = [.. state.Standing.Where(c => !c.Told).Select(c => c.Key)];
    private readonly List<SpanEdge> _edges = [];

    // Until when the dates of a site's cabinets say nothing new.
    private readonly Dictionary<string, (SitePlan Plan, DateTimeOffset Until)> _quiet = [];

    private DateTimeOffset _revised = state.Revised;

    public BookState State => new(_standing.Values, _dates.Values, _revised);

    /// <summary>Rises with every change, to tell whether there is anything to save.</summary>
    public long Revision { get; private set; }

    /// <summary>A condition that stands; null when it does not.</summary>
    public Condition? Find(string site, string rule, string cause) => _standing.GetValueOrDefault(Condition.KeyOf(site, rule, cause));

    /// <summary>A person has resolved it: its next telling is news, where each is.</summary>
    public void Resolved(string site, string rule, string cause)
    {
        if (AlertRule.All[rule].EachIsNews)
        {
            Remove(Condition.KeyOf(site, rule, cause), out _);
        }
    }

    /// <summary>Other sites rule from now on.</summary>
    public void Revise(DateTimeOffset now)
    {
        _revised = now;
        Revision++;
    }

    /// <summary>Dates of a cabinet that a person entered.</summary>
    public void Enter(SitePlan plan, string cabinet, DateOnly? pads, DateOnly? battery, DateTimeOffset now)
    {
        if (plan.Site.Cabinets?.FirstOrDefault(c => c.Id == cabinet) is { } known)
        {
            var (oldPads, oldBattery) = CabinetRules.Dates(known, _dates.GetValueOrDefault((plan.Site.Id, cabinet)));
            _dates[(plan.Site.Id, cabinet)] = new EnteredDates(
                plan.Site.Id, cabinet, pads ?? oldPads, battery ?? oldBattery, known.PadsExpire, known.BatteryExpires);
            _quiet.Remove(plan.Site.Id);
            Revise(now);
        }
    }

    /// <summary>Beginnings and ends since the last call.</summary>
    public IReadOnlyList<SpanEdge> TakeEdges()
    {
        SpanEdge[] edges = [.. _edges];
        _edges.Clear();
        return edges;
    }

    /// <summary>What an entry of the journal tells of a site.</summary>
    public IReadOnlyList<Decision> Take(JournalEntry entry, SitePlan plan)
    {
        switch (entry.Fact)
        {
            case ReachabilityChanged change:
                return [.. Take(new Told(!change.Reachable, AlertRule.DeviceSilent, entry.Device, null, entry.Received, new Saying(AlertRule.DeviceSilent)), entry, plan)];
            case Observed o when AlertRule.IsKnown(o.Rule):
                return [.. Take(new Told(o.Stands, o.Rule, o.Cause, o.Zone, entry.Received, o.What, Who: o.Who, Repeats: false), entry, plan)];
            case CabinetChecked check:
                Enter(plan, check.Cabinet, check.PadsExpire, check.BatteryExpires, entry.Received);
                return [];
            case EventsJournaled batch:
                var made = new List<Decision>();
                foreach (var e in batch.Events.Where(e => e.SetAside == SetAside.None))
                {
                    if (CabinetRules.Heard(plan, e) is { } cabinet)
                    {
                        _edges.Add(new SpanEdge(plan.Site.Id, CabinetRules.Known, cabinet, e.At, true));
                    }

                    made.AddRange(EventRules.Of(e, plan).SelectMany(told => Take(told, entry, plan)));
                }

                return made;
            default:
                return [];
        }
    }

    /// <summary>What time tells of a site.</summary>
    public IReadOnlyList<Decision> Tick(DateTimeOffset now, SitePlan plan)
    {
        List<Decision> made = [];
        var site = plan.Site.Id;
        if (!_quiet.TryGetValue(site, out var quiet) || !ReferenceEquals(quiet.Plan, plan) || now >= quiet.Until)
        {
            made.AddRange(Expire(now, plan));
        }

        // Once the site is open again, the next one inside while it is closed is another.
        if (Find(site, AlertRule.WhileClosed, Contracts.Places.Site.WholeSite) is { } inside && AlertLimits.FirstOpen(plan.Site, inside.At, now) is { } opened)
        {
            made.AddRange(End(plan, inside.Rule, inside.Cause, opened));
        }

        if (_waiting.Count == 0)
        {
            return made;
        }

        foreach (var c in _waiting.Select(key => _standing[key]).Where(c => c.Site == site).OrderBy(c => c.Key, StringComparer.Ordinal).ToArray())
        {
            var limits = AlertLimits.Of(plan, c.Rule, c.Zone);
            if (limits.First(plan, c.Due(limits.Delay), now) is { } due)
            {
                made.Add(Open(c, due, limits));
            }
        }

        return made;
    }

    private List<Decision> Expire(DateTimeOffset now, SitePlan plan)
    {
        var (made, site, until) = (new List<Decision>(), plan.Site.Id, DateTimeOffset.MaxValue);
        foreach (var (rule, cause, zone, at, what, stands, end) in CabinetRules.Expiring(plan, c => _dates.GetValueOrDefault((site, c)), now))
        {
            until = at > now && at < until ? at : until;
            if (!stands)
            {
                made.AddRange(End(plan, rule, cause, end));
            }
            else if (Find(site, rule, cause) is not { } known)
            {
                Add(new Condition(site, zone, rule, cause, at, at > _revised ? at : _revised, false, 0, what));
            }
            else if (known.At != at)
            {
                // Another date that is near as well: what stood is over.
                made.AddRange(End(plan, rule, cause, now));
                Add(new Condition(site, zone, rule, cause, at, at > _revised ? at : _revised, false, 0, what));
            }
        }

        _quiet[site] = (plan, until);
        return made;
    }

    private Decision Open(Condition c, DateTimeOffset at, AlertLimits limits)
    {
        _standing[c.Key] = c = c with { Told = true };
        _waiting.Remove(c.Key);
        Revision++;
        var minutes = ((long)c.Age.TotalMinutes).ToString(CultureInfo.InvariantCulture);
        return new Decision(Verdict.Open, c, at, c.IsOld ? new Saying(Sayings.Still + c.What.Code, [.. c.What.Values, minutes]) : c.What, limits.Urgent);
    }

    private IEnumerable<Decision> Take(Told t, JournalEntry entry, SitePlan plan)
    {
        if (!t.Stands)
        {
            return End(plan, t.Rule, t.Cause, t.At);
        }

        if (Find(plan.Site.Id, t.Rule, t.Cause) is { } known)
        {
            return known.Told && t.Repeats ? [new Decision(Verdict.Repeat, known, t.At, t.What, false)] : [];
        }

        Add(new Condition(plan.Site.Id, t.Zone, t.Rule, t.Cause, t.At, entry.Received, t.TimeCertain, entry.Id, t.What, t.Who));
        return [];
    }

    private void Add(Condition c)
    {
        _standing[c.Key] = c;
        _waiting.Add(c.Key);
        _edges.Add(new SpanEdge(c.Site, c.Rule, c.Cause, c.At, true));
        Revision++;
    }

    private bool Remove(string key, out Condition? was)
    {
        _waiting.Remove(key);
        if (!_standing.Remove(key, out was))
        {
            return false;
        }

        Revision++;
        return true;
    }

    private IEnumerable<Decision> End(SitePlan plan, string rule, string cause, DateTimeOffset at)
    {
        if (!Remove(Condition.KeyOf(plan.Site.Id, rule, cause), out var was))
        {
            return [];
        }

        _edges.Add(new SpanEdge(was!.Site, rule, cause, at, false));
        var over = new Saying(Sayings.Over + was.What.Code, was.What.Values);
        if (was.Told)
        {
            return [new Decision(Verdict.Over, was, at, over, false)];
        }

        // It stood long enough for its rule, and was over before anyone could look.
        var limits = AlertLimits.Of(plan, rule, was.Zone);
        return limits.First(plan, was.At + limits.Delay, at) is null ? []
            : was.IsOld ? [new Decision(Verdict.History, was, at, new Saying(Sayings.History + was.What.Code, was.What.Values), limits.Urgent)]
            : [new Decision(Verdict.Open, was, was.At + limits.Delay, was.What, limits.Urgent), new Decision(Verdict.Over, was, at, over, false)];
    }
}

/// <summary>What an entry says of a condition: it stands, or is over.</summary>
/// <param name="Repeats">Told again while it stands, it is another line of the timeline.</param>
internal sealed record Told(
    bool Stands, string Rule, string Cause, string? Zone, DateTimeOffset At, Saying What, bool TimeCertain = true, string? Who = null, bool Repeats = true);
