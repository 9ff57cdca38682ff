using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;

namespace Facility.Domain.Occupancy;

/// <summary>A zone, or the whole site, by the doors that lead into it and the sensors in it.</summary>
internal sealed class SitePart
{
    private SitePart(Site site, string id, Func<string, bool> inside)
    {
        Id = id;
        Doors = site.Portals.Select(p => (Portal: p, Sign: (inside(p.To) ? 1 : 0) - (inside(p.From) ? 1 : 0)))
            .Where(p => p.Sign != 0).ToDictionary(p => p.Portal.Id, p => p.Sign);
        DoorSensors = [.. site.Portals.Where(p => Doors.ContainsKey(p.Id)).Select(p => p.Sensor)];
        Presence = [.. site.Zones.Where(z => inside(z.Id)).Select(z =>
            site.Sensors.Where(s => s.Kind == EventKinds.Presence && s.Zone == z.Id).Select(s => s.Id).ToArray())];
    }

    public string Id { get; }

    /// <summary>By portal: 1 where a positive passage comes in, -1 where it goes out.</summary>
    public Dictionary<string, int> Doors { get; }

    public string[] DoorSensors { get; }

    /// <summary>The presence sensors of each of its zones.</summary>
    public string[][] Presence { get; }

    /// <summary>The whole site first, then its zones in their order.</summary>
    public static SitePart[] Of(Site site) =>
        [new(site, Site.WholeSite, z => z != Site.Outside), .. site.Zones.Select(zone => new SitePart(site, zone.Id, z => z == zone.Id))];

    /// <summary>Whether someone is in it: one sensor that sees someone is enough, and nobody only where each zone has one that says so.</summary>
    public bool? Someone(IReadOnlyDictionary<string, bool> seen)
    {
        var all = true;
        foreach (var zone in Presence)
        {
            var told = false;
            foreach (var sensor in zone)
            {
                if (seen.TryGetValue(sensor, out var someone))
                {
                    if (someone)
                    {
                        return true;
                    }

                    told = true;
                }
            }

            all &= told;
        }

        return all && Presence.Length > 0 ? false : null;
    }
}
