using System.Text.Json;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Domain.Places;

namespace Facility.Domain.Occupancy;

/// <summary>
/// The plain estimator: a zone's count is moved by the passages through its doors, and comes back to zero each night and
/// after a long silence. A better estimator fills the same interface.
/// </summary>
/// <remarks>
/// <para>Zero: at 04:00 local unless the site is open then, and once the site has been closed for an hour. A zone whose
/// presence sensors all say nobody, while no one has passed its doors, for 30 minutes is empty too; one that is seen
/// occupied holds at least one person. A passage that happened before its zone was last known is ignored: the zero has it.</para>
/// <para>The interval is honest and crude: a counting door misses or doubles about one person in twenty, so it is the
/// estimate ± (1 + 5% of the persons through its doors since it was last known + events lost), and not a fitted one.</para>
/// <para>Time works only at whole minutes, so that how often <see cref="Advance"/> is called changes nothing.</para>
/// </remarks>
public sealed class PlainCounter : ISiteEstimator
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan AfterClosing = TimeSpan.FromHours(1);
    private const int NightHour = 4;
    private const double MissedShare = 0.05;

    private readonly Site _site;
    private readonly TimeZoneInfo _timeZone;
    private readonly Dictionary<string, int> _zones;
    private readonly Dictionary<string, Portal> _portals;
    private readonly Dictionary<string, Sensor> _sensors;
    private readonly string[][] _sensorsOfZone;
    private readonly Sensor[][] _presenceOfZone;
    private CounterState _state;

    public PlainCounter(Site site)
    {
        _site = site;
        _timeZone = OpeningHours.ZoneOf(site);
        _zones = site.Zones.Select((z, i) => (z.Id, i)).ToDictionary(x => x.Id, x => x.i);
        _portals = site.Portals.ToDictionary(p => p.Id);
        _sensors = site.Sensors.ToDictionary(s => s.Id);
        _presenceOfZone = [.. site.Zones.Select(z => site.Sensors.Where(s => s.Kind == EventKinds.Presence && s.Zone == z.Id).ToArray())];
        _sensorsOfZone = [.. site.Zones.Select((z, i) => site.Portals.Where(p => p.From == z.Id || p.To == z.Id).Select(p => p.Sensor)
            .Concat(_presenceOfZone[i].Select(s => s.Id)).ToArray())];
        _state = new CounterState { Layout = Layout(), Zones = [.. site.Zones.Select(_ => new ZoneCount())] };
    }

    public void Observe(Observation observation)
    {
        switch (observation)
        {
            case PassageObserved passage when _portals.TryGetValue(passage.Portal, out var portal):
                Heard(portal.Sensor);
                // A device's clock may run ahead: nothing has happened that was not received yet.
                var at = passage.At < passage.Received ? passage.At : passage.Received;
                Move(portal.From, -passage.Persons, at);
                Move(portal.To, passage.Persons, at);
                _state.OuterPassages += portal.From == Site.Outside || portal.To == Site.Outside ? Math.Abs(passage.Persons) : 0;
                break;
            case PresenceObserved presence:
                Heard(presence.Sensor);
                var since = presence.At < presence.Received ? presence.At : presence.Received;
                _state.Presence[presence.Sensor] = new SensorSeen(presence.Someone, since);
                break;
            case PeopleCounted count:
                Correct(count);
                break;
            case SensorFaulted { Faulty: true } fault:
                _state.Faulty.Add(fault.Sensor);
                break;
            case SensorFaulted fault:
                _state.Faulty.Remove(fault.Sensor);
                break;
            case DeviceReachable device:
                _state.Devices[device.Device] = device.Reachable;
                break;
            case EventsLost lost:
                Lose(lost);
                break;
        }
    }

    public void Advance(DateTimeOffset now)
    {
        var last = _state.Now ?? now;
        for (var tick = Floor(last) + Minute; tick <= now; tick += Minute)
        {
            Tick(tick);
        }

        _state.Now = now > last ? now : last;
    }

    public IReadOnlyList<ZoneEstimate> Read()
    {
        var answer = new ZoneEstimate[_zones.Count + 1];
        var (people, lost, seen) = (0, 0L, 0);
        var (stale, someone, told) = (false, false, false);
        for (var i = 0; i < _zones.Count; i++)
        {
            var zone = _state.Zones[i];
            var occupied = Occupied(i);
            var floor = occupied == true ? 1 : 0;
            var estimate = Math.Max(zone.People, floor);
            var slack = Slack(zone.Passages, zone.Lost, _site.Zones[i].Capacity);
            bool? presence = estimate > 0 ? true : occupied is not null || _sensorsOfZone[i].Length > 0 ? false : null;
            var zoneStale = _sensorsOfZone[i].Any(IsUnheard);
            answer[i + 1] = new ZoneEstimate(_site.Zones[i].Id, estimate, Math.Max(floor, estimate - slack), estimate + slack, presence, zoneStale);
            (people, lost, seen) = (people + estimate, lost + zone.Lost, seen + floor);
            (stale, someone, told) = (stale | zoneStale, someone | presence == true, told | presence is not null);
        }

        var whole = Slack(_state.OuterPassages, lost, _site.Capacity);
        answer[0] = new ZoneEstimate(
            Site.WholeSite, people, Math.Max(seen, people - whole), people + whole, someone ? true : told ? false : null, stale);
        return answer;
    }

    public byte[] Snapshot() => JsonSerializer.SerializeToUtf8Bytes(_state, CounterJson.Default.CounterState);

    public bool Restore(ReadOnlySpan<byte> snapshot)
    {
        try
        {
            var state = JsonSerializer.Deserialize(snapshot, CounterJson.Default.CounterState);
            if (state is not { Version: CounterState.CurrentVersion } || state.Layout != Layout() || state.Zones.Length != _zones.Count)
            {
                return false;
            }

            _state = state;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void Tick(DateTimeOffset tick)
    {
        var open = OpeningHours.IsOpen(_site, _timeZone, tick);
        var local = TimeZoneInfo.ConvertTime(tick, _timeZone).TimeOfDay;
        var night = local == TimeSpan.FromHours(NightHour) && !open;
        if (open)
        {
            _state.LastOpen = tick;
        }

        // Once, as the hour passes: whoever comes in later (a cleaner) is counted again.
        var closed = !open && _state.LastOpen is { } last && tick - last > AfterClosing;
        if (closed)
        {
            _state.LastOpen = null;
        }

        for (var i = 0; i < _zones.Count; i++)
        {
            if (night || closed || IsSilent(i, tick))
            {
                Zero(_state.Zones[i], tick);
            }
        }

        _state.OuterPassages = night || closed ? 0 : _state.OuterPassages;
    }

    private bool IsSilent(int zone, DateTimeOffset now)
    {
        var sensors = _presenceOfZone[zone];
        return sensors.Length > 0 && _state.Zones[zone].People > 0
            && !(_state.Zones[zone].LastPassage > now - Silence)
            && sensors.All(s => !IsUnheard(s.Id) && _state.Presence.TryGetValue(s.Id, out var seen) && !seen.Someone && seen.Since <= now - Silence);
    }

    private static void Zero(ZoneCount zone, DateTimeOffset at) => Know(zone, 0, at);

    private static void Know(ZoneCount zone, int people, DateTimeOffset at) =>
        (zone.People, zone.Passages, zone.Lost, zone.KnownAt) = (people, 0, 0, at);

    private void Move(string id, int persons, DateTimeOffset at)
    {
        if (_zones.TryGetValue(id, out var index) && !(_state.Zones[index].KnownAt > at))
        {
            var zone = _state.Zones[index];
            zone.People = Math.Max(0, zone.People + persons);
            zone.Passages += Math.Abs(persons);
            zone.LastPassage = zone.LastPassage > at ? zone.LastPassage : at;
        }
    }

    private void Correct(PeopleCounted count)
    {
        if (_zones.TryGetValue(count.Zone, out var index))
        {
            Know(_state.Zones[index], count.People, count.At);
        }
        else if (count.Zone == Site.WholeSite)
        {
            // What was missed was mostly missed at the outer doors: the rooms behind them take the difference, then the others.
            var difference = count.People - _state.Zones.Sum(z => z.People);
            var outer = _site.Portals.Where(p => p.From == Site.Outside).Select(p => _zones[p.To]).Concat(_zones.Values).Distinct();
            foreach (var zone in outer.Select(i => _state.Zones[i]))
            {
                var people = Math.Max(0, zone.People + difference);
                difference -= people - zone.People;
                Know(zone, people, count.At);
            }

            _state.OuterPassages = 0;
        }
    }

    private void Lose(EventsLost lost)
    {
        for (var i = 0; i < _zones.Count; i++)
        {
            if (_sensorsOfZone[i].Any(s => _sensors.TryGetValue(s, out var sensor) && sensor.Device == lost.Device))
            {
                _state.Zones[i].Lost = Math.Min(Contracts.Limits.MaxSeq, _state.Zones[i].Lost + lost.Count);
            }
        }
    }

    private void Heard(string sensor)
    {
        if (_sensors.TryGetValue(sensor, out var known))
        {
            _state.Devices[known.Device] = true;
        }
    }

    private bool IsUnheard(string sensor) =>
        _state.Faulty.Contains(sensor)
        || (_sensors.TryGetValue(sensor, out var known) && !_state.Devices.GetValueOrDefault(known.Device));

    private bool? Occupied(int zone)
    {
        bool? occupied = null;
        foreach (var sensor in _presenceOfZone[zone])
        {
            if (!_state.Faulty.Contains(sensor.Id) && _state.Presence.TryGetValue(sensor.Id, out var seen))
            {
                occupied = occupied == true || seen.Someone;
            }
        }

        return occupied;
    }

    // Events lost are perhaps passages: they widen the interval, up to what the room holds.
    private int Slack(long passages, long lost, int? capacity) =>
        (passages == 0 ? 0 : 1 + (int)Math.Min(passages * MissedShare, 10_000)) + (int)Math.Min(lost, capacity ?? _site.Capacity);

    private string Layout() => string.Join(',', _site.Zones.Select(z => z.Id));

    private static DateTimeOffset Floor(DateTimeOffset t) => new(t.UtcTicks - (t.UtcTicks % Minute.Ticks), TimeSpan.Zero);
}
