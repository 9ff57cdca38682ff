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
            .Where(p => p.Sign != 0).ToDictionary(p => p.Portal.Id, p => new Door(p.Portal.Sensor, p.Sign));
        DoorSensors = [.. Doors.Values.Select(d => d.Sensor)];
        Presence = [.. site.Zones.Where(z => inside(z.Id)).Select(z =>
            site.Sensors.Where(s => s.Kind == EventKinds.Presence && s.Zone == z.Id).Select(s => s.Id).ToArray())];
        AllSensors = [.. DoorSensors, .. Presence.SelectMany(s => s)];
    }

    public string Id { get; }

    /// <summary>The doors that lead into it, by portal.</summary>
    public Dictionary<string, Door> Doors { get; }

    public string[] DoorSensors { get; }

    /// <summary>The presence sensors of each of its zones.</summary>
    public string[][] Presence { get; }

    /// <summary>Of its doors and of presence.</summary>
    public string[] AllSensors { get; }

    /// <summary>The place, after the whole site, of the first zone that has a door to outside; 1 where none has.</summary>
    public static int Outer(Site site)
    {
        var door = site.Portals.FirstOrDefault(p => p.From == Site.Outside || p.To == Site.Outside);
        var zone = door is null ? null : door.From == Site.Outside ? door.To : door.From;
        return 1 + Math.Max(0, site.Zones.Select(z => z.Id).ToList().IndexOf(zone ?? ""));
    }

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

/// <param name="Sign">1 where a positive passage comes in, -1 where it goes out.</param>
internal readonly record struct Door(string Sensor, int Sign);
