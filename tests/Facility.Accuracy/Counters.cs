using Facility.Contracts.Places;
using Facility.Domain.Occupancy;

namespace Facility.Accuracy;

/// <summary>The plain counters that an estimate is held against: raw, zeroed at midnight, and zeroed by presence too.</summary>
internal sealed class Counters(Trial trial)
{
    private readonly TimeZoneInfo _zone = TimeZoneInfo.FindSystemTimeZoneById(trial.Site.TimeZone);
    private readonly string[] _zones = [Site.WholeSite, .. trial.Site.Zones.Select(z => z.Id)];
    private DateTimeOffset _now = DateTimeOffset.MinValue;

    public Dictionary<string, int> Raw { get; } = trial.Truth.Keys.ToDictionary(k => k, _ => 0);

    public Dictionary<string, int> Midnight { get; } = trial.Truth.Keys.ToDictionary(k => k, _ => 0);

    public Dictionary<string, int> Presence { get; } = trial.Truth.Keys.ToDictionary(k => k, _ => 0);

    public void Advance(DateTimeOffset now)
    {
        if (_now > DateTimeOffset.MinValue && TimeZoneInfo.ConvertTime(now, _zone).Date != TimeZoneInfo.ConvertTime(_now, _zone).Date)
        {
            foreach (var zone in _zones)
            {
                Midnight[zone] = Presence[zone] = 0;
            }
        }

        _now = now;
    }

    public void Observe(Observation observation)
    {
        if (observation is PassageObserved p)
        {
            var portal = trial.Site.Portals.First(x => x.Id == p.Portal);
            Add(portal.To, p.Persons);
            Add(portal.From, -p.Persons);
            Add(portal.From == Site.Outside ? Site.WholeSite : "", p.Persons);
        }
        else if (observation is PresenceObserved { Someone: false } nobody)
        {
            Presence[nobody.Zone] = 0;
            Presence[Site.WholeSite] = trial.Site.Zones.Sum(z => Presence[z.Id]);
        }
    }

    private void Add(string zone, int persons)
    {
        foreach (var counter in new[] { Raw, Midnight, Presence })
        {
            if (counter.TryGetValue(zone, out var people))
            {
                counter[zone] = Math.Max(0, people + persons);
            }
        }
    }
}
