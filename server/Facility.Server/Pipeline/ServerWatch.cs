using Facility.Domain.Alerts;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>What the server sees now that the journal does not tell yet: crowds, closing, its own trouble, who is where at a fire.</summary>
/// <remarks>Only the incidents' follower asks it, at the head of the journal and about once a second.</remarks>
public sealed class ServerWatch(
    IOccupancyState occupancy, ServerHealth health, Func<IEnumerable<IFollowerPosition>> followers, IJournalReader journal, IDiskSpace disk)
{
    /// <summary>An hour of heads at one a second: a follower that is further behind is told to be an hour behind.</summary>
    private const int MostHeads = 3600;

    private readonly Queue<(DateTimeOffset At, long Head)> _heads = new();

    public IEnumerable<(string Site, JournalFact Fact)> See(SitePlans plans, IncidentDesk desk, DateTimeOffset now)
    {
        foreach (var plan in plans.All)
        {
            var site = plan.Site.Id;
            foreach (var seen in occupancy.Of(site) is { } known ? Watch.People(plan, known, (rule, cause) => desk.Find(site, rule, cause), now) : [])
            {
                yield return (site, seen);
            }
        }

        var state = new ServerState(health.Broker is null, disk.FreePercent, Behind(now));
        foreach (var seen in Watch.Server(plans.Server, state, (rule, cause) => desk.Find("", rule, cause)))
        {
            yield return ("", seen);
        }

        foreach (var incident in desk.Now.Unresolved.Where(i => i is { Rule: AlertRule.Fire or AlertRule.Evacuation, WhoWasWhere: null }))
        {
            if (occupancy.Of(incident.Site) is { } zones)
            {
                yield return (incident.Site, new ZonesFrozen(incident.Id, zones.Zones));
            }
        }
    }

    // A follower is behind since the journal's head was first beyond where it is.
    private Dictionary<string, double> Behind(DateTimeOffset now)
    {
        var positions = followers().Select(f => (f.Name, f.Position)).ToArray();
        _heads.Enqueue((now, journal.Head));
        var last = positions.Select(p => p.Position).DefaultIfEmpty(0).Min();
        while (_heads.Count > MostHeads || (_heads.Count > 0 && _heads.Peek().Head <= last))
        {
            _heads.Dequeue();
        }

        return positions.ToDictionary(
            p => p.Name, p => _heads.Where(h => h.Head > p.Position).Select(h => (now - h.At).TotalSeconds).DefaultIfEmpty(0).First());
    }
}
