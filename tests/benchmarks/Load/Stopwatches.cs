using System.Collections.Concurrent;
using System.Diagnostics;

namespace Facility.Benchmarks.Load;

/// <summary>From the publishing of events to what comes of them, in milliseconds. Safe for threads.</summary>
internal sealed class Stopwatches
{
    private ConcurrentQueue<double> _taken = new();

    public IReadOnlyCollection<double> Taken => _taken;

    public void Stop(Device device, long seq)
    {
        if (device.PublishedAt(seq) is { } published)
        {
            _taken.Enqueue(Stopwatch.GetElapsedTime(published).TotalMilliseconds);
        }
    }

    /// <summary>Forgets what was taken so far, which it gives.</summary>
    public IReadOnlyCollection<double> TakeAll() => Interlocked.Exchange(ref _taken, new ConcurrentQueue<double>());

    /// <summary>
    /// What a client of the hub calls. Each site has one device, whose passages all go in: an estimate of n tells of its events up to n.
    /// </summary>
    public Action<string, int> Shown(Fleet fleet)
    {
        var devices = fleet.Devices.ToDictionary(d => d.Site);
        var last = new Dictionary<string, int>();
        return (site, estimate) =>
        {
            for (var seq = last.GetValueOrDefault(site) + 1; seq <= estimate; seq++)
            {
                Stop(devices[site], seq);
            }

            last[site] = Math.Max(estimate, last.GetValueOrDefault(site));
        };
    }
}
