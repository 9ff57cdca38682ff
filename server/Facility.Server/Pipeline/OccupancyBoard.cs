using System.Collections.Concurrent;
using Facility.Contracts.Rest;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>The newest occupancy of each site. One follower writes it, anyone reads it.</summary>
public sealed class OccupancyBoard : IOccupancyState
{
    private readonly ConcurrentDictionary<string, SiteOccupancy> _sites = new();

    private readonly ConcurrentDictionary<(string Site, string Device), IReadOnlyList<string>> _worseDoors = new();

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

    /// <summary>Sensors of a device whose door has come to count worse in one direction.</summary>
    public IReadOnlyList<string> WorseDoors(string site, string device) => _worseDoors.GetValueOrDefault((site, device)) ?? [];

    /// <param name="sensors">All of a site that are worse now.</param>
    public void ShowWorseDoors(string site, IEnumerable<(string Device, string Sensor)> sensors)
    {
        var worse = sensors.ToLookup(s => s.Device, s => s.Sensor);
        foreach (var device in worse.Select(w => w.Key).Union(_worseDoors.Keys.Where(k => k.Site == site).Select(k => k.Device)))
        {
            IReadOnlyList<string> now = [.. worse[device]];
            if (!WorseDoors(site, device).SequenceEqual(now))
            {
                _worseDoors[(site, device)] = now;
                DoorsChanged?.Invoke(site, device);
            }
        }
    }

    /// <summary>Keeps only the sites of a revision.</summary>
    public void Keep(IEnumerable<string> sites)
    {
        foreach (var gone in _sites.Keys.Except(sites).ToArray())
        {
            _sites.TryRemove(gone, out _);
        }
    }
}
