using System.Collections.Concurrent;
using System.Globalization;

namespace Facility.Server.Pipeline;

/// <summary>Counters since the start of the process. Safe for threads.</summary>
public sealed class ServerCounters
{
    private readonly ConcurrentDictionary<string, long> refused = new();
    private readonly ConcurrentDictionary<string, long> setAside = new();
    private long batches, events, duplicates, conflicts, gaps, lost, commits, journalFailures, commandsDropped, devicesUntracked, overShare, queueFull, publishesDenied, ofRevoked;

    public void Batch(int newEvents)
    {
        Interlocked.Increment(ref batches);
        Interlocked.Add(ref events, newEvents);
    }

    public void Refused(string reason) => refused.AddOrUpdate(reason, 1, (_, n) => n + 1);

    public void SetAside(string reason) => setAside.AddOrUpdate(reason, 1, (_, n) => n + 1);

    public void Duplicate() => Interlocked.Increment(ref duplicates);

    /// <summary>Other content came under a sequence number already used.</summary>
    public void Conflict() => Interlocked.Increment(ref conflicts);

    public void OutOfOrder() => Interlocked.Increment(ref gaps);

    /// <summary>Called by the one writer of the journal.</summary>
    public void Lost(long count) => Interlocked.Exchange(ref lost, Math.Min(Contracts.Limits.MaxSeq, Interlocked.Read(ref lost) + count));

    public void Commit() => Interlocked.Increment(ref commits);

    public void JournalFailure() => Interlocked.Increment(ref journalFailures);

    public void CommandDropped() => Interlocked.Increment(ref commandsDropped);

    public void OverShare() => Interlocked.Increment(ref overShare);

    public void QueueFull() => Interlocked.Increment(ref queueFull);

    /// <summary>The broker refused an acknowledgement or a command.</summary>
    public void PublishDenied() => Interlocked.Increment(ref publishesDenied);

    /// <summary>A message of a device that is revoked was not taken.</summary>
    public void OfRevoked() => Interlocked.Increment(ref ofRevoked);

    public void DeviceUntracked() => Interlocked.Increment(ref devicesUntracked);

    public IReadOnlyDictionary<string, long> RefusedByReason => refused;

    public long Events => Interlocked.Read(ref events);

    public long Batches => Interlocked.Read(ref batches);

    public long Duplicates => Interlocked.Read(ref duplicates);

    public long Commits => Interlocked.Read(ref commits);

    /// <summary>Prometheus text, version 0.0.4.</summary>
    public void Write(TextWriter to)
    {
        Counter(to, "facility_batches_total", "Batches journaled.", batches);
        Counter(to, "facility_events_total", "Events journaled.", events);
        Counter(to, "facility_duplicate_batches_total", "Batches with nothing new.", duplicates);
        Counter(to, "facility_conflicting_batches_total", "Batches with other content under a sequence number already used.", conflicts);
        Counter(to, "facility_out_of_order_batches_total", "Batches that skipped events the device still holds.", gaps);
        Counter(to, "facility_lost_events_total", "Events that devices stated as lost.", lost);
        Counter(to, "facility_commits_total", "Transactions of the journal.", commits);
        Counter(to, "facility_journal_failures_total", "Transactions of the journal that failed and were tried again.", journalFailures);
        Counter(to, "facility_over_share_batches_total", "Batches not taken because the device had too many waiting; it sends them again.", overShare);
        Counter(to, "facility_no_room_batches_total", "Batches not taken because all that waits for the journal was too large; they are sent again.", queueFull);
        Counter(to, "facility_commands_dropped_total", "Commands to devices dropped from a full queue.", commandsDropped);
        Counter(to, "facility_publishes_denied_total", "Acknowledgements and commands that the broker refused.", publishesDenied);
        Counter(to, "facility_devices_untracked_total", "Messages of devices beyond those that are tracked.", devicesUntracked);
        Counter(to, "facility_messages_of_revoked_devices_total", "Messages of revoked devices, not taken.", ofRevoked);
        Labelled(to, "facility_refused_batches_total", "Batches refused whole.", refused);
        Labelled(to, "facility_set_aside_events_total", "Events journaled and set aside.", setAside);
    }

    private static void Counter(TextWriter to, string name, string help, long value) =>
        to.Write(string.Create(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}\n"));

    private static void Labelled(TextWriter to, string name, string help, ConcurrentDictionary<string, long> values)
    {
        to.Write($"# HELP {name} {help}\n# TYPE {name} counter\n");
        foreach (var (reason, value) in values.OrderBy(v => v.Key, StringComparer.Ordinal))
        {
            to.Write(string.Create(CultureInfo.InvariantCulture, $"{name}{{reason=\"{reason}\"}} {value}\n"));
        }
    }
}

/// <summary>What <c>GET /metrics</c> answers.</summary>
public sealed class Metrics(ServerCounters counters, ServerHealth health, Ports.IJournalReader journal, IEnumerable<IFollowerPosition> followers, IEnumerable<Ports.IStoreSizes> stores)
{
    public void Write(TextWriter to)
    {
        counters.Write(to);
        to.Write($"# HELP facility_ready Whether the server does its work.\n# TYPE facility_ready gauge\nfacility_ready {(health.Ready ? 1 : 0)}\n");
        to.Write("# HELP facility_follower_lag Journal entries that a follower has yet to take.\n# TYPE facility_follower_lag gauge\n");
        foreach (var follower in followers)
        {
            var lag = Math.Max(0, journal.Head - follower.Position);
            to.Write(string.Create(CultureInfo.InvariantCulture, $"facility_follower_lag{{follower=\"{follower.Name}\"}} {lag}\n"));
        }

        Ports.StoreSize[] sizes = [.. stores.SelectMany(s => s.Sizes())];
        Gauge(to, "facility_store_bytes", "Bytes on disk.", sizes.Select(s => (s.Store, s.Bytes)));
        Gauge(to, "facility_store_rows", "Rows kept: entries, events, batches, points.", sizes.Where(s => s.Rows is not null).Select(s => (s.Store, s.Rows!.Value)));
    }

    private static void Gauge(TextWriter to, string name, string help, IEnumerable<(string Store, long Value)> values)
    {
        to.Write($"# HELP {name} {help}\n# TYPE {name} gauge\n");
        foreach (var (store, value) in values)
        {
            to.Write(string.Create(CultureInfo.InvariantCulture, $"{name}{{store=\"{store}\"}} {value}\n"));
        }
    }
}
