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
    /// What a client of the hub calls with the time that a site's estimate is of: it tells of each event that was published before. Each
    /// site has one device. One that is under way at that very moment stops too early, which is one in a hundred at 10 a second.
    /// </summary>
    public Action<string, DateTimeOffset> Shown(Fleet fleet)
    {
        var (started, startedAt) = (DateTimeOffset.UtcNow, Stopwatch.GetTimestamp());
        var devices = fleet.Devices.ToDictionary(d => d.Site);
        var last = new Dictionary<string, long>();
        return (site, at) =>
        {
            // The server tells whole milliseconds.
            var until = startedAt + (long)((at - started).TotalSeconds * Stopwatch.Frequency) + (Stopwatch.Frequency / 1000);
            var seq = last.GetValueOrDefault(site) + 1;
            for (; devices[site].PublishedAt(seq) <= until; seq++)
            {
                Stop(devices[site], seq);
            }

            last[site] = seq - 1;
        };
    }
}
