using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;
using Facility.Edge.Domain;

namespace Facility.Edge.Pipeline;

/// <summary>What one sensor with pins knows; a stable level of one of its lines may give a value.</summary>
internal sealed class SensorState(SensorConfig config)
{
    private readonly long _holdNs = (long)config.Hold.TotalNanoseconds;
    private DoorState _door;
    private PresenceHold _presence;
    private bool _level;

    public string Id => config.Id;

    public string Kind => config.Kind;

    public bool IsLevel => EventKinds.IsLevel(config.Kind);

    /// <summary>The present level, 0 or 1.</summary>
    public double Level => (config.Kind == EventKinds.Presence ? _presence.Present : _level) ? 1 : 0;

    /// <summary>When presence ends by itself; null when it will not.</summary>
    public long? DueNs => config.Kind == EventKinds.Presence ? _presence.DueNs(_holdNs) : null;

    /// <summary>The levels are known and what came before is not.</summary>
    public void Begin(IReadOnlyList<bool> levels, long nowNs)
    {
        _level = levels[0];
        if (config.Kind == EventKinds.Passage)
        {
            _door = DoorState.From(levels[0], levels[1]);
        }
        else if (config.Kind == EventKinds.Presence)
        {
            _presence = _presence.Step(levels[0], nowNs).Next;
        }
    }

    /// <returns>The value of an event; null when there is none.</returns>
    public double? Step(int beam, bool level, long atNs)
    {
        if (config.Kind == EventKinds.Passage)
        {
            (_door, var passage) = DirectionDetector.Step(_door, new BeamEdge(beam, level));
            return passage;
        }

        if (config.Kind == EventKinds.Presence)
        {
            (_presence, var changed) = _presence.Step(level, atNs);
            return changed ? Level : null;
        }

        _level = level;
        return Level;
    }

    public double? Settle(long nowNs)
    {
        (_presence, var changed) = _presence.Settle(nowNs, _holdNs);
        return changed ? Level : null;
    }
}
