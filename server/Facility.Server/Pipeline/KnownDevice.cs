using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Rest;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>What one transaction of the journal adds to a device.</summary>
public sealed class DeviceTally
{
    /// <summary>Refusals of a device that are shown.</summary>
    public const int MostRefusals = 10;

    public long Refused { get; set; }

    public long SetAside { get; set; }

    /// <summary>At most <see cref="Limits.MaxSeq"/>, whatever a device states: more would wrap into a negative number.</summary>
    public long Lost { get; private set; }

    public bool Faulty { get; set; }

    /// <summary>Whether something of it was journaled.</summary>
    public bool Journaled { get; set; }

    /// <summary>In order of arrival, at most <see cref="MostRefusals"/> of the last.</summary>
    public Queue<DeviceRefusal> Refusals { get; } = [];

    /// <summary>The newest fault state of each sensor named in it.</summary>
    public Dictionary<string, bool> Faults { get; } = [];

    /// <summary>The newest level of each sensor named in it.</summary>
    public Dictionary<string, SensorLevel> Levels { get; } = [];

    public void Lose(long events) => Lost = Math.Min(Limits.MaxSeq, Lost + events);

    public void Note(DeviceRefusal refusal)
    {
        Refusals.Enqueue(refusal);
        if (Refusals.Count > MostRefusals)
        {
            Refusals.Dequeue();
        }
    }

    public bool IsEmpty => !Journaled && Refused == 0 && !Faulty;
}

/// <summary>One device in <see cref="DeviceDirectory"/>, under its lock. Each change answers whether it is worth telling.</summary>
internal sealed class KnownDevice(string site, string device)
{
    private readonly SortedDictionary<string, SensorLevel> levels = new(StringComparer.Ordinal);
    private readonly SortedSet<string> faults = new(StringComparer.Ordinal);
    private IReadOnlyList<DeviceRefusal> refusals = [];
    private DateTimeOffset? lastSeen;
    private DateTimeOffset lastTold;
    private Guid? session;
    private bool saidOffline;
    private string? software;
    private long refused, setAside, lost;
    private bool faulty;

    public string Site => site;

    public string Device => device;

    public Dictionary<Guid, (long Id, long Acknowledged)> Streams { get; } = [];

    public bool? JournaledReachable { get; set; }

    public void Restore(IEnumerable<DeviceRefusal> newestFirst) => refusals = [.. newestFirst.Take(DeviceTally.MostRefusals)];

    public void Restore(DeviceCounts row)
    {
        (refused, setAside, lost, faulty, JournaledReachable) = (row.Refused, row.SetAside, row.Lost, row.Faulty, row.Reachable);
        lastSeen = row.Seen > DateTimeOffset.MinValue ? row.Seen : null;
        faults.UnionWith(row.Faults);
    }

    public bool Hear(DateTimeOffset now, TimeSpan tellEvery)
    {
        var tell = saidOffline || now - lastTold > tellEvery || lastSeen is null || now - lastSeen > Limits.Silence;
        saidOffline = false;
        lastSeen = now;
        lastTold = tell ? now : lastTold;
        return tell;
    }

    public bool Tell(DeviceStatus status, bool retained, DateTimeOffset now)
    {
        if (status.State == DeviceStatus.Offline)
        {
            // The Will of an older connection comes late, after the device is back on a new one.
            if (session is not null && session != status.Session)
            {
                return false;
            }

            session = status.Session;
            saidOffline = true;
        }
        else
        {
            session = status.Session;
            saidOffline = false;
            software = status.Software;
            levels.Clear();
            foreach (var level in status.Sensors ?? [])
            {
                levels[level.Sensor] = level;
            }
        }

        if (!retained)
        {
            lastSeen = lastTold = now;
        }

        return true;
    }

    public bool Count(DeviceTally tally)
    {
        refused += tally.Refused;
        setAside += tally.SetAside;
        lost = Math.Min(Limits.MaxSeq, lost + tally.Lost);
        faulty |= tally.Faulty;
        refusals = tally.Refusals.Count == 0 ? refusals : [.. tally.Refusals.Reverse().Concat(refusals).Take(DeviceTally.MostRefusals)];
        foreach (var (sensor, active) in tally.Faults)
        {
            _ = active ? faults.Add(sensor) : faults.Remove(sensor);
        }

        foreach (var (sensor, level) in tally.Levels)
        {
            levels[sensor] = level;
        }

        return tally.Refused + tally.SetAside + tally.Lost + tally.Faults.Count + tally.Levels.Count > 0 || tally.Faulty;
    }

    /// <summary>Null while it is too early to say: never heard, or the server started less than the silence ago.</summary>
    public bool? Reachable(DateTimeOffset now, DateTimeOffset started) =>
        saidOffline ? false
        : lastSeen is null ? null
        : now - lastSeen <= Limits.Silence ? true
        : now - started <= Limits.Silence ? null
        : false;

    public DeviceState State(DateTimeOffset now, IReadOnlyDictionary<long, long> lag) => new(
        SafeText.Shown(device),
        SafeText.Shown(site),
        saidOffline ? DeviceState.Offline : lastSeen is null ? DeviceState.Unknown : now - lastSeen > Limits.Silence ? DeviceState.Silent : DeviceState.Online,
        lastSeen,
        faulty,
        refused,
        setAside,
        lost,
        [.. Streams.Select(s => new StreamState(s.Key, s.Value.Acknowledged, lag.GetValueOrDefault(s.Value.Id)))],
        software is null ? null : SafeText.Line(software),
        [.. levels.Values.Select(l => l with { Sensor = SafeText.Shown(l.Sensor), Kind = SafeText.Shown(l.Kind) })],
        [.. faults.Select(SafeText.Shown)],
        [.. refusals.Select(r => r with { Detail = SafeText.Line(r.Detail) })]);
}
