using Facility.Contracts.Mqtt;
using Facility.Edge.Domain;

namespace Facility.Edge.Pipeline;

/// <summary>
/// A counter of one or two beams. Two give passages, at the time at which the door was clear again. One gives only a
/// <see cref="Crossing"/>: which way is not known, so it is no passage and changes no occupancy.
/// </summary>
/// <param name="debounceNs">Of its lines. An edge is known up to <see cref="Debouncer.MostPeriods"/> later, and so is the end of a visit.</param>
/// <remarks>While its beams cannot be believed it tells a fault and counts nothing; see <see cref="DoorHealth"/>.</remarks>
internal sealed class BeamCounter(long debounceNs, bool oneBeam) : ISensor
{
    /// <summary>Someone crossed the one beam. Of value 1; the contract has no such kind, so a server stores it and counts nothing.</summary>
    public const string Crossing = "crossing";

    // People alone change one beam as much as a slow flicker does.
    private const long LoneEdgeWorthNs = 100_000_000;

    private readonly long _behindNs = Debouncer.MostPeriods * debounceNs;
    private DoorState _door;
    private DoorHealth _health;
    private FaultTeller _fault;
    private bool _unproven;
    private long _nowNs;

    public double? Level => null;

    public long? DueNs => Due.Earlier(_door.DueNs + _behindNs, _health.DueNs(_door, _fault.IsFault, _nowNs));

    public void Begin(ReadOnlySpan<bool> levels, long nowNs, List<Told> told)
    {
        _door = DoorState.From(levels[0], !oneBeam && levels[1], nowNs);
        Check(nowNs, told);
    }

    /// <remarks>A passage (or a crossing) is the evidence.</remarks>
    public void WasTold(string kind)
    {
        _fault.WasTold(kind);
        _unproven = _fault.IsFault;
    }

    public void Edge(int line, long atNs, List<Told> told)
    {
        _health = oneBeam ? _health with { Unrest = _health.Unrest.Step(0, atNs, LoneEdgeWorthNs) } : _health.Edge(line, atNs);
        Check(atNs, told);
    }

    public void Step(int line, bool level, long atNs, List<Told> told)
    {
        EndVisit(atNs, told);
        _door = DirectionDetector.Step(_door, new BeamEdge(line, level, atNs));
    }

    public void Settle(long nowNs, List<Told> told)
    {
        EndVisit(nowNs - _behindNs, told);
        _health = _health.Settle(nowNs);
        Check(nowNs, told);
    }

    private void EndVisit(long untilNs, List<Told> told)
    {
        (_door, var ended) = DirectionDetector.Settle(_door, untilNs);
        if (ended is { } visit)
        {
            Count(visit, Math.Max(_nowNs, untilNs), told);
        }
    }

    private void Count(Visit visit, long nowNs, List<Told> told)
    {
        (var next, var believed) = _health.Ended(visit, nowNs);
        if (oneBeam && believed && visit.Alone != 0)
        {
            told.Add(new Told(Crossing, 1, visit.AtNs));
        }
        else if (believed && visit.Passage != 0)
        {
            told.Add(new Told(EventKinds.Passage, visit.Passage, visit.AtNs));
        }

        _unproven &= !(believed && (oneBeam || visit.Passage != 0));

        // One beam has no partner to be silent.
        _health = oneBeam ? _health : next;
    }

    private void Check(long nowNs, List<Told> told)
    {
        _nowNs = Math.Max(_nowNs, nowNs);
        _fault.Tell(_unproven || _health.IsFault(_door, _nowNs), nowNs, told);
    }
}
