using Facility.Contracts.Mqtt;
using Facility.Edge.Domain;

namespace Facility.Edge.Pipeline;

/// <summary>
/// The output of a PIR or mmWave sensor: presence, held for a while after the output ends. An output that stays active without a
/// change for longer than people sit still is stuck: a fault, until it changes. One that is stuck inactive cannot be told from
/// an empty room.
/// </summary>
/// <remarks>
/// A PIR gives a pulse for each movement (hold: as long as someone may sit still, 60 s or more). A mmWave radar sees people breathe
/// (hold: a few seconds) and may be rightly active for a whole evening (stuck: 12 hours or so).
/// </remarks>
internal sealed class PresenceOutput(long holdNs, long? stuckNs) : ISensor
{
    private PresenceHold _presence;
    private long? _activeNs;
    private FaultTeller _fault;

    public double? Level => _presence.Present ? 1 : 0;

    public long? DueNs => Due.Earlier(_presence.DueNs(holdNs), _fault.IsFault ? null : _activeNs + stuckNs);

    public void Begin(ReadOnlySpan<bool> levels, long nowNs, List<Told> told)
    {
        _presence = _presence.Step(levels[0], nowNs).Next;
        _activeNs = levels[0] ? _activeNs ?? nowNs : null;
        _fault.Tell(_activeNs + stuckNs <= nowNs, nowNs, told);
    }

    public void WasTold(string kind) => _fault.WasTold(kind);

    public void Step(int line, bool level, long atNs, List<Told> told)
    {
        (_presence, var changed) = _presence.Step(level, atNs);
        TellIf(changed, atNs, told);
        _activeNs = level ? atNs : null;
        _fault.Tell(false, atNs, told);
    }

    public void Settle(long nowNs, List<Told> told)
    {
        (_presence, var changed) = _presence.Settle(nowNs, holdNs);
        TellIf(changed, nowNs, told);
        _fault.Tell(_activeNs + stuckNs <= nowNs, nowNs, told);
    }

    private void TellIf(bool changed, long atNs, List<Told> told)
    {
        if (changed)
        {
            told.Add(new Told(EventKinds.Presence, _presence.Present ? 1 : 0, atNs));
        }
    }
}
