using System.Collections.Concurrent;
using Facility.Contracts.Rest;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>The newest occupancy of each site. One follower writes it, anyone reads it.</summary>
public sealed class OccupancyBoard : IOccupancyState
{
    private readonly ConcurrentDictionary<string, SiteOccupancy> _sites = new();

    private readonly ConcurrentDictionary<(string Site, string Device), IReadOnlyList<DoorState>> _doors = new();

    public event Action<string>? Changed;

    /// <summary>Which device has other doors that count worse than they did.</summary>
    public event Action<string, string>? DoorsChanged;

    public SiteOccupancy? Of(string site) => _sites.GetValueOrDefault(site);

    /// <summary>
    /// Shows a site's state. When nothing but its time is new, it keeps its version and tells no one.
    /// </summary>
    /// <returns>Whether the version was used.</returns>
    public bool Show(SiteOccupancy state)
    {
        var same = _sites.TryGetValue(state.Site, out var last) && last.Zones.SequenceEqual(state.Zones);
        _sites[state.Site] = same ? last! with { At = state.At } : state;
        if (!same)
        {
            Changed?.Invoke(state.Site);
        }

        return !same;
    }

    /// <summary>How the doors of a device count, as far as is known.</summary>
    public IReadOnlyList<DoorState> Doors(string site, string device) => _doors.GetValueOrDefault((site, device)) ?? [];

    /// <param name="doors">All of a site; that they have come to count worse, or no longer do, is told.</param>
    public void ShowDoors(string site, IEnumerable<(string Device, DoorState Door)> doors)
    {
        var now = doors.ToLookup(d => d.Device, d => d.Door);
        foreach (var device in now.Select(d => d.Key).Union(_doors.Keys.Where(k => k.Site == site).Select(k => k.Device)).ToArray())
        {
            var before = Doors(site, device);
            _doors[(site, device)] = [.. now[device]];
            if (!Worse(before).SequenceEqual(Worse(now[device])))
            {
                DoorsChanged?.Invoke(site, device);
            }
        }
    }

    private static IEnumerable<string> Worse(IEnumerable<DoorState> doors) => doors.Where(d => d.Worse != 0).Select(d => d.Sensor);

    /// <summary>Keeps only the sites of a revision.</summary>
    public void Keep(IEnumerable<string> sites)
    {
        foreach (var gone in _sites.Keys.Except(sites).ToArray())
        {
            _sites.TryRemove(gone, out _);
        }
    }
}
