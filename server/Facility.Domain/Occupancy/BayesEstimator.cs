using Facility.Contracts.Places;

namespace Facility.Domain.Occupancy;

/// <summary>
/// The estimator: for each zone, and for the whole site by its outer doors, the probability of each number of people.
/// </summary>
public sealed class BayesEstimator : ISiteEstimator
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly Site _site;
    private readonly SiteClock _clock;
    private readonly SitePart[] _parts;
    private readonly Dictionary<string, string> _deviceOf;
    private readonly CountFilter[] _filters;
    private readonly ZoneEvidence[] _evidence;
    private readonly Dictionary<string, bool> _seen = [];
    private readonly HashSet<string> _faulty = [];
    private readonly Dictionary<string, bool> _devices = [];
    private DateTimeOffset? _now;

    public BayesEstimator(Site site)
    {
        _site = site;
        _clock = new SiteClock(site);
        // The site of one zone is that zone.
        _parts = [.. SitePart.Of(site).Skip(site.Zones.Count == 1 ? 1 : 0)];
        _deviceOf = site.Sensors.ToDictionary(s => s.Id, s => s.Device);
        _filters = [.. _parts.Select(_ => new CountFilter())];
        _evidence = [.. _filters.Select(f => new ZoneEvidence(new ZoneMemory(), s => f.Take(s)))];
    }

    public void Observe(Observation observation)
    {
        switch (observation)
        {
            case PassageObserved passage:
                var at = passage.At < passage.Received ? passage.At : passage.Received;
                for (var i = 0; i < _parts.Length; i++)
                {
                    if (_parts[i].Doors.TryGetValue(passage.Portal, out var sign))
                    {
                        _evidence[i].Pass(at, sign * passage.Persons);
                    }
                }

                break;
            case PresenceObserved presence:
                Heard(presence.Sensor);
                _seen[presence.Sensor] = presence.Someone;
                See(presence.At < presence.Received ? presence.At : presence.Received);
                break;
            case SensorFaulted { Faulty: true } fault:
                _faulty.Add(fault.Sensor);
                _seen.Remove(fault.Sensor);
                See(fault.Received);
                break;
            case SensorFaulted fault:
                _faulty.Remove(fault.Sensor);
                break;
            case DeviceReachable device:
                _devices[device.Device] = device.Reachable;
                break;
            case PeopleCounted count:
                for (var i = 0; i < _parts.Length; i++)
                {
                    if (_parts[i].Id == count.Zone || _site.Zones.Count == 1)
                    {
                        _evidence[i].Count(count.At, count.People);
                    }
                }

                break;
            case EventsLost lost:
                for (var i = 0; i < _parts.Length; i++)
                {
                    if (_parts[i].DoorSensors.Any(s => _deviceOf[s] == lost.Device))
                    {
                        _evidence[i].Lose(Math.Min(lost.Count, 1000));
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
            for (var i = 0; i < _parts.Length; i++)
            {
                _evidence[i].Pass(tick, hours, Array.TrueForAll(_parts[i].DoorSensors, s => !IsUnheard(s)), _filters[i].Read().Estimate);
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
            spans[i] = new Span90(Math.Max(floor, span.Low), Math.Max(floor, span.Estimate), Math.Max(floor, span.High));
        }

        if (spans.Length > 1)
        {
            Consistent.AddUp(spans);
        }

        var answer = new ZoneEstimate[_site.Zones.Count + 1];
        for (var i = 0; i < answer.Length; i++)
        {
            var span = spans[Math.Min(i, spans.Length - 1)];
            answer[i] = new ZoneEstimate(i == 0 ? Site.WholeSite : _site.Zones[i - 1].Id, span.Estimate, span.Low, span.High, null, false);
        }

        return answer;
    }

    public byte[] Snapshot() => [];

    public bool Restore(ReadOnlySpan<byte> snapshot) => false;

    private void See(DateTimeOffset at)
    {
        for (var i = 0; i < _parts.Length; i++)
        {
            _evidence[i].See(at, _parts[i].Someone(_seen));
        }
    }

    private void Heard(string sensor)
    {
        if (_deviceOf.TryGetValue(sensor, out var device))
        {
            _devices[device] = true;
        }
    }

    private bool IsUnheard(string sensor) => _faulty.Contains(sensor) || _devices.GetValueOrDefault(_deviceOf[sensor], true) is false;
}
