using Facility.Contracts.Mqtt;
using Facility.Edge.Domain;

namespace Facility.Edge.Pipeline;

/// <summary>
/// A counter that tells directions itself: a pulse on the first line is a person into the second zone, on the second line into
/// the first. A line that stays active for 45 s, or pulses on and on faster than people walk (ten changes a second for 45 s), is a fault;
/// a line that flickers counts nothing, while the pulses of the other are still people.
/// </summary>
internal sealed class PulseCounter : ISensor
{
    private const long EdgeWorthNs = 100_000_000;

    private readonly long?[] _activeNs = new long?[2];
    private readonly Unrest[] _unrest = new Unrest[2];
    private FaultTeller _fault;
    private long _nowNs;

    public double? Level => null;

    public long? DueNs
    {
        get
        {
            var stuck = _fault.IsFault ? null : Due.Earlier(_activeNs[0], _activeNs[1]) + DoorHealth.PatienceNs;
            return Due.Earlier(stuck, Due.Earlier(_unrest[0].DueNs(_nowNs), _unrest[1].DueNs(_nowNs)));
        }
    }

    public void Begin(ReadOnlySpan<bool> levels, long nowNs, List<Told> told)
    {
        for (var line = 0; line < 2; line++)
        {
            _activeNs[line] = levels[line] ? _activeNs[line] ?? nowNs : null;
        }

        Settle(nowNs, told);
    }

    public void WasTold(string kind) => _fault.WasTold(kind);

    public void Edge(int line, long atNs, List<Told> told)
    {
        _unrest[line] = _unrest[line].Step(0, atNs, EdgeWorthNs);
        Settle(atNs, told);
    }

    public void Step(int line, bool level, long atNs, List<Told> told)
    {
        _activeNs[line] = level ? atNs : null;
        if (level && !_unrest[line].IsFlicker(_nowNs))
        {
            told.Add(new Told(EventKinds.Passage, line == 0 ? 1 : -1, atNs));
        }

        Settle(atNs, told);
    }

    public void Settle(long nowNs, List<Told> told)
    {
        _nowNs = Math.Max(_nowNs, nowNs);
        var stuck = Due.Earlier(_activeNs[0], _activeNs[1]) + DoorHealth.PatienceNs <= _nowNs;
        _fault.Tell(stuck || _unrest[0].IsFlicker(_nowNs) || _unrest[1].IsFlicker(_nowNs), nowNs, told);
    }
}
