using System.Text.Json;
using Facility.Contracts.Places;

namespace Facility.Domain.Occupancy;

/// <summary>
/// The estimator: for each zone by its doors, and for the whole site by its outer doors, the probability of each number
/// of people. The estimate is the median; low and high bound 90%.
/// </summary>
/// <remarks>
/// <para>A discrete Bayes filter under unknown errors of the doors (<see cref="CountFilter"/>, <see cref="DoorErrors"/>),
/// fed by passages, presence, silence, hours and persons' counts (<see cref="ZoneEvidence"/>). Near to it in the literature:
/// Hutchins, Ihler, Smyth, "Modeling count data from multiple sensors: a building occupancy model" (CAMSAP 2007), which
/// infers a building's count from noisy door counts and an empty night; Dodier, Henze, Tiller, Guo, "Building occupancy
/// detection through sensor belief networks" (Energy and Buildings 38, 2006), for presence.</para>
/// <para>The zones are filtered apart and made to add up (<see cref="Consistent"/>): joint probabilities of all zones
/// would not fit in the time of an event.</para>
/// <para>While a door's device is not heard, or events of it are lost, the interval widens by the passages that are likely
/// to be missing; it narrows when they come, when someone counts, or with the night. Time works only at whole minutes, so
/// that how often <see cref="Advance"/> is called changes nothing.</para>
/// </remarks>
public sealed class BayesEstimator : ISiteEstimator
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Site _site;
    private readonly SiteClock _clock;
    private readonly SitePart[] _parts;
    private readonly int _outer;
    private readonly Dictionary<string, string> _deviceOf;
    private CountFilter[] _filters = [];
    private ZoneEvidence[] _evidence = [];
    private SensorsHeard _sensors = new();
    private Dictionary<string, DoorDrift> _drifts;
    private DateTimeOffset? _now;

    public BayesEstimator(Site site)
    {
        _site = site;
        _clock = new SiteClock(site);
        // A site of one zone is that zone.
        _parts = [.. SitePart.Of(site).Skip(site.Zones.Count == 1 ? 1 : 0)];
        _outer = SitePart.Outer(site);
        _deviceOf = site.Sensors.ToDictionary(s => s.Id, s => s.Device);
        _drifts = site.Portals.ToDictionary(p => p.Id, _ => new DoorDrift());
        Use([.. _parts.Select(_ => new CountFilter())], [.. _parts.Select(_ => new ZoneMemory())]);
    }

    public void Observe(Observation observation)
    {
        switch (observation)
        {
            case PassageObserved passage:
                Pass(passage);
                break;
            case PresenceObserved presence when _deviceOf.TryGetValue(presence.Sensor, out var device):
                _sensors.Devices[device] = true;
                _sensors.Seen[presence.Sensor] = presence.Someone;
                See(Earliest(presence.At, presence.Received));
                break;
            case SensorFaulted fault:
                _sensors.Fault(fault.Sensor, fault.Faulty);
                See(fault.Received);
                break;
            case DeviceReachable device:
                _sensors.Devices[device.Device] = device.Reachable;
                break;
            case PeopleCounted count:
                Correct(count);
                break;
            case EventsLost lost:
                for (var i = 0; i < _parts.Length; i++)
                {
                    if (_parts[i].AllSensors.Any(s => _deviceOf[s] == lost.Device))
                    {
                        _evidence[i].Memory.Lost = Math.Min(Contracts.Limits.MaxSeq, _evidence[i].Memory.Lost + lost.Count);
                    }
                }

                break;
        }
    }

    public void Advance(DateTimeOffset now)
    {
        var last = _now ?? now;
        for (var tick = new DateTimeOffset(last.UtcTicks - (last.UtcTicks % Minute.Ticks), TimeSpan.Zero) + Minute; tick <= now; tick += Minute)
        {
            var hours = _clock.Of(tick);
            if (hours == Hours.Night)
            {
                foreach (var drift in _drifts.Values)
                {
                    drift.Night();
                }
            }

            for (var i = 0; i < _parts.Length; i++)
            {
                _evidence[i].Pass(tick, hours, heard: !_parts[i].DoorSensors.Any(IsUnheard), _filters[i].Read().Estimate, _filters[i].Nobody);
            }
        }

        _now = now > last ? now : last;
    }

    public IReadOnlyList<ZoneEstimate> Read()
    {
        Span<Span90> spans = stackalloc Span90[_parts.Length];
        for (var i = 0; i < spans.Length; i++)
        {
            var floor = _evidence[i].Steady(_now ?? default) ? 1 : 0;
            var span = _filters[i].Read();
            var missing = (int)Math.Min(Math.Ceiling(_evidence[i].Memory.Missing), Capacity(i));
            spans[i] = new Span90(
                Math.Max(floor, span.Low - missing), Math.Max(floor, span.Estimate), Math.Max(floor, span.High + missing));
        }

        Consistent.AddUp(spans, _parts[0].DoorSensors.Length > 0 && !_parts[0].DoorSensors.Any(IsUnheard));

        var answer = new ZoneEstimate[_site.Zones.Count + 1];
        for (var i = 0; i < answer.Length; i++)
        {
            var part = Math.Min(i, _parts.Length - 1);
            var (span, someone) = (spans[part], _evidence[part].Memory.Someone);
            bool? presence = span.Estimate > 0 || someone == true ? true : _parts[part].AllSensors.Length > 0 ? false : null;
            var zone = i == 0 ? Site.WholeSite : _site.Zones[i - 1].Id;
            answer[i] = new ZoneEstimate(zone, span.Estimate, span.Low, span.High, presence, _parts[part].AllSensors.Any(IsUnheard));
        }

        return answer;
    }

    public IReadOnlyList<DoorReport> Doors()
    {
        var reports = new List<DoorReport>();
        foreach (var portal in _site.Portals)
        {
            // Of an outer door the whole site knows; of one between zones the zone it leads into.
            var part = Array.FindIndex(_parts, p => p.Doors.TryGetValue(portal.Id, out var d) && d.Sign > 0);
            part = part < 0 ? Array.FindIndex(_parts, p => p.Doors.ContainsKey(portal.Id)) : part;
            var (into, from) = _filters[part].Gains;
            reports.Add(new DoorReport(portal.Id, into, from, _drifts[portal.Id].Worse));
        }

        return reports;
    }

    public byte[] Snapshot() => JsonSerializer.SerializeToUtf8Bytes(
        new EstimatorState
        {
            Layout = Layout(),
            Now = _now,
            Sensors = _sensors,
            Doors = _drifts,
            Parts = [.. _evidence.Select(e => e.Memory)],
            Filters = [.. _filters.Select(f => f.Save())],
        },
        EstimatorJson.Default.EstimatorState);

    public bool Restore(ReadOnlySpan<byte> snapshot)
    {
        try
        {
            var state = JsonSerializer.Deserialize(snapshot, EstimatorJson.Default.EstimatorState);
            if (state is not { Version: EstimatorState.CurrentVersion } || state.Layout != Layout()
                || state.Parts.Length != _parts.Length || state.Filters.Length != _parts.Length
                || !state.Doors.Keys.ToHashSet().SetEquals(_drifts.Keys))
            {
                return false;
            }

            var filters = state.Filters.Select(CountFilter.Restore).ToArray();
            if (filters.Contains(null))
            {
                return false;
            }

            (_sensors, _drifts, _now) = (state.Sensors, state.Doors, state.Now);
            Use(filters!, state.Parts);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Use(CountFilter[] filters, ZoneMemory[] memories)
    {
        _filters = filters;
        _evidence = [.. filters.Select((f, i) => new ZoneEvidence(memories[i], s => f.Take(s)))];
    }

    private void Pass(PassageObserved passage)
    {
        // A device's clock may run ahead: nothing has happened that was not received yet.
        var at = Earliest(passage.At, passage.Received);
        if (_drifts.TryGetValue(passage.Portal, out var drift))
        {
            drift.Pass(passage.Persons);
        }

        for (var i = 0; i < _parts.Length; i++)
        {
            if (_parts[i].Doors.TryGetValue(passage.Portal, out var door))
            {
                _sensors.Devices[_deviceOf[door.Sensor]] = true;
                _evidence[i].Pass(at, door.Sign * passage.Persons);
            }
        }
    }

    private void See(DateTimeOffset at)
    {
        for (var i = 0; i < _parts.Length; i++)
        {
            _evidence[i].See(at, _parts[i].Someone(_sensors.Seen));
        }
    }

    // What a count finds in a zone the site has too; what it finds in the site was mostly missed at the outer doors.
    private void Correct(PeopleCounted count)
    {
        var shown = Read();
        var counted = Array.FindIndex(_parts, p => p.Id == count.Zone);
        counted = counted < 0 && count.Zone == Site.WholeSite ? 0 : counted;
        if (counted < 0)
        {
            return;
        }

        _evidence[counted].Count(count.At, count.People);
        var difference = count.People - shown[counted].Estimate;
        if (counted > 0)
        {
            _evidence[0].Count(count.At, Math.Max(0, shown[0].Estimate + difference));
            return;
        }

        for (var i = 0; i < _parts.Length - 1; i++)
        {
            // The zone behind the outer door first, then the others in their order.
            var zone = i == 0 ? _outer : i < _outer ? i : i + 1;
            var people = Math.Max(0, shown[zone].Estimate + difference);
            difference -= people - shown[zone].Estimate;
            _evidence[zone].Count(count.At, people);
        }
    }

    private int Capacity(int part) => (_parts.Length == 1 ? _site.Zones[0].Capacity : part == 0 ? null : _site.Zones[part - 1].Capacity) ?? _site.Capacity;

    private bool IsUnheard(string sensor) => _sensors.IsUnheard(sensor, _deviceOf[sensor]);

    private string Layout() => string.Join(',', _parts.Select(p => $"{p.Id}:{string.Join('+', p.Doors.Keys)}"));

    private static DateTimeOffset Earliest(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
