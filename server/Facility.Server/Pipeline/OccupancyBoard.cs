using System.Collections.Concurrent;
using Facility.Contracts.Rest;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>The newest occupancy of each site. One follower writes it, anyone reads it.</summary>
public sealed class OccupancyBoard : IOccupancyState
{
    private readonly ConcurrentDictionary<string, SiteOccupancy> _sites = new();

    public event Action<string>? Changed;

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

    /// <summary>Keeps only the sites of a revision.</summary>
    public void Keep(IEnumerable<string> sites)
    {
        foreach (var gone in _sites.Keys.Except(sites).ToArray())
        {
            _sites.TryRemove(gone, out _);
        }
    }
}
