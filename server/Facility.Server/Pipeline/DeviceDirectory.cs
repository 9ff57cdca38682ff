using Facility.Contracts.Mqtt;
using Facility.Contracts.Rest;
using Facility.Domain.Places;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>Devices as the server knows them: their own word, what the journal counts of them, and whether they are heard.</summary>
/// <remarks>Bounded: every device that a site lists, and at most 1,000 others; messages of more are journaled all the same and counted as untracked.</remarks>
public sealed class DeviceDirectory : IDeviceDirectory
{
    private const int MostUnlisted = 1000;
    private static readonly TimeSpan CountLagEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellSeenEvery = TimeSpan.FromSeconds(10);

    private static readonly Dictionary<long, long> NoLag = [];

    private readonly IJournalCounts counts;
    private readonly IJournalReader journal;
    private readonly SitesDirectory sites;
    private readonly ServerCounters counters;
    private readonly TimeProvider time;
    private readonly Func<IEnumerable<IFollowerPosition>> followers;
    private readonly Dictionary<(string Site, string Device), KnownDevice> known = [];
    private readonly Lock gate = new();
    private readonly Lock lagGate = new();
    private IReadOnlyDictionary<long, long> lag = NoLag;
    private long? lagAt;
    private readonly DateTimeOffset started;

    /// <param name="followers">Asked late: followers are made after this.</param>
    public DeviceDirectory(
        IJournalCounts counts, IJournalReader journal, SitesDirectory sites, ServerCounters counters, TimeProvider time,
        Func<IEnumerable<IFollowerPosition>> followers)
    {
        (this.counts, this.journal, this.sites, this.counters, this.time, this.followers) = (counts, journal, sites, counters, time, followers);
        started = time.GetUtcNow();
        foreach (var row in counts.Devices())
        {
            Find(row.Site, row.Device)?.Restore(row);
        }

        foreach (var refused in counts.Refusals().GroupBy(r => (r.Site, r.Device), r => r.Refusal))
        {
            Find(refused.Key.Site, refused.Key.Device)?.Restore(refused);
        }

        foreach (var stream in counts.Streams())
        {
            Find(stream.Site, stream.Device)?.Streams.TryAdd(stream.Stream, (stream.Id, stream.Acknowledged));
        }
    }

    public event Action<string, string>? Changed;

    public IReadOnlyList<DeviceState> All() => Listed(sites.Plans.All, _ => true);

    public IReadOnlyList<DeviceState> Of(IReadOnlySet<string> sites) =>
        Listed(sites.Select(this.sites.Plans.Of).OfType<SitePlan>(), sites.Contains);

    public DeviceState? Of(string site, string device)
    {
        var lag = Lag();
        lock (gate)
        {
            return known.TryGetValue((site, device), out var found) ? found.State(time.GetUtcNow(), lag)
                : sites.Plans.Of(site)?.HasDevice(device) == true ? new KnownDevice(site, device).State(time.GetUtcNow(), lag)
                : null;
        }
    }

    /// <summary>A message that was not retained came.</summary>
    public void Heard(string site, string device) => Change(site, device, (d, now) => d.Hear(now, TellSeenEvery));

    public void Told(string site, string device, DeviceStatus status, bool retained) =>
        Change(site, device, (d, now) => d.Tell(status, retained, now));

    /// <summary>What one transaction of the journal added, once it is on disk.</summary>
    public void Counted(string site, string device, DeviceTally tally) => Change(site, device, (d, _) => d.Count(tally));

    public void Acknowledged(StreamRow stream, bool retired) => Change(stream.Site, stream.Device, (d, _) =>
    {
        if (retired)
        {
            return d.Streams.Remove(stream.Stream);
        }

        d.Streams[stream.Stream] = (stream.Id, stream.Acknowledged);
        return false;
    });

    /// <summary>Devices of the sites whose reachability is not the one in the journal.</summary>
    public IReadOnlyList<(string Site, string Device, bool Reachable)> Unjournaled()
    {
        var now = time.GetUtcNow();
        lock (gate)
        {
            return
            [
                .. from d in known.Values
                   where sites.Plans.Of(d.Site)?.HasDevice(d.Device) == true
                   let reachable = d.Reachable(now, started)
                   where reachable is not null && reachable != d.JournaledReachable
                   select (d.Site, d.Device, reachable.Value),
            ];
        }
    }

    public void Journaled(string site, string device, bool reachable) => Change(site, device, (d, _) =>
    {
        d.JournaledReachable = reachable;
        return true;
    });

    private IReadOnlyList<DeviceState> Listed(IEnumerable<SitePlan> plans, Func<string, bool> isAsked)
    {
        var lag = Lag();
        var now = time.GetUtcNow();
        lock (gate)
        {
            var listed = plans.SelectMany(p => p.Devices.Select(d => (Site: p.Site.Id, Device: d))).ToHashSet();
            listed.UnionWith(known.Keys.Where(k => isAsked(k.Site)));
            return
            [
                .. listed.OrderBy(k => k.Site, StringComparer.Ordinal).ThenBy(k => k.Device, StringComparer.Ordinal)
                    .Select(k => (known.GetValueOrDefault(k) ?? new KnownDevice(k.Site, k.Device)).State(now, lag)),
            ];
        }
    }

    // Counted from the journal, which takes time when a follower is far behind: once a second is new enough.
    private IReadOnlyDictionary<long, long> Lag()
    {
        var slowest = followers().Select(f => f.Position).DefaultIfEmpty(long.MaxValue).Min();
        if (slowest >= journal.Head)
        {
            return NoLag;
        }

        lock (lagGate)
        {
            if (lagAt is not { } at || time.GetElapsedTime(at) >= CountLagEvery)
            {
                lag = counts.EventsAfter(slowest);
                lagAt = time.GetTimestamp();
            }

            return lag;
        }
    }

    private void Change(string site, string device, Func<KnownDevice, DateTimeOffset, bool> change)
    {
        bool changed;
        lock (gate)
        {
            changed = Find(site, device) is { } d && change(d, time.GetUtcNow());
        }

        if (changed)
        {
            Changed?.Invoke(site, device);
        }
    }

    private KnownDevice? Find(string site, string device)
    {
        if (known.TryGetValue((site, device), out var found))
        {
            return found;
        }

        if (sites.Plans.Of(site)?.HasDevice(device) != true
            && known.Count >= MostUnlisted && known.Values.Count(d => sites.Plans.Of(d.Site)?.HasDevice(d.Device) != true) >= MostUnlisted)
        {
            counters.DeviceUntracked();
            return null;
        }

        return known[(site, device)] = new KnownDevice(site, device);
    }
}
