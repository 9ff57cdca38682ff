namespace Facility.Edge.Domain;

/// <summary>A debounced beam of a door changed. True is broken, false is clear.</summary>
/// <param name="Beam">0 is the beam on the side of the portal's first zone, 1 on that of its second.</param>
/// <param name="AtNs">When, on the monotonic clock.</param>
public readonly record struct BeamEdge(int Beam, bool Broken, long AtNs);

/// <summary>What one beam saw of a visit.</summary>
/// <param name="FirstNs">When it was first broken; null while it was not.</param>
/// <param name="LastNs">When it was last clear again.</param>
public readonly record struct BeamTrace(bool Broken, long? FirstNs, long LastNs);

/// <summary>A visit to the door that ended.</summary>
/// <param name="Passage">+1 into the second zone, -1 into the first; 0 when nobody went through, or nobody can say.</param>
/// <param name="Alone">+1 when only the first beam was broken, -1 when only the second was, 0 when both were or the start was not seen.</param>
/// <param name="SinceNs">When a beam was first broken.</param>
/// <param name="AtNs">When the door was last clear again.</param>
public readonly record struct Visit(int Passage, int Alone, long SinceNs, long AtNs);

/// <summary>Where a door is in a visit; <c>default</c> is clear.</summary>
/// <param name="SinceNs">Since when the visit lasts; null when the door is clear.</param>
/// <param name="Winding">Quarter turns on the ring clear, first, both, second; four towards the second zone are a whole one.</param>
/// <param name="Blurred">Edges of both beams came too close together to say which was first, so the winding says nothing.</param>
/// <param name="Blind">The beginning was not seen (at start, or after lost edges): nothing counts until the door is clear.</param>
public readonly record struct DoorState(
    BeamTrace First, BeamTrace Second, long? SinceNs, int Winding, bool Blurred, bool Blind, BeamEdge Last)
{
    /// <summary>When the visit is over if nothing more happens; null while a beam is broken or the door is clear.</summary>
    public long? DueNs => SinceNs is null || First.Broken || Second.Broken ? null : ClearNs + DirectionDetector.GapNs;

    internal long ClearNs => Math.Max(First.LastNs, Second.LastNs);

    /// <summary>The levels are known and what came before is not.</summary>
    public static DoorState From(bool first, bool second, long nowNs) => first || second
        ? default(DoorState) with
        {
            First = new BeamTrace(first, first ? nowNs : null, 0),
            Second = new BeamTrace(second, second ? nowNs : null, 0),
            SinceNs = nowNs,
            Blind = true,
        }
        : default;
}

/// <summary>
/// Tells from two beams which way a body went.
/// <code>
/// first   ___|‾‾‾‾‾‾‾‾|_______________      +1: came by the first side, left by the second
/// second  ______|‾‾‾‾‾‾‾‾|____|gap|___
///
/// first   ___|‾‾|__|‾‾‾‾‾‾‾|__________      +1: the same in pieces (legs, a trolley), less than the gap apart
/// second  _____|‾‾|__|‾‾‾‾‾‾‾|________
///
/// first   ___|‾‾‾‾‾‾‾‾‾‾‾‾‾|__________       0: came and left by the first side: turned back
/// second  ________|‾‾‾‾|______________
/// </code>
/// A visit lasts from the first broken beam until both were clear for <see cref="GapNs"/>, and is one body.
/// </summary>
/// <remarks>
/// The beam that broke first is the side by which the body came, the beam that cleared last the side by which it left.
/// For a rigid body that is exact, whatever its pieces, its speed, its pauses and its turns: its front meets the beam on its
/// own side first, and its end leaves last the beam on the side to which it goes. Time plays no part but for the gap, so
/// someone may linger in the door.
/// <para>Where both ends are on one side, a second witness is asked: each edge is a quarter turn on the ring clear, first,
/// both, second, and a body that went through made at least one whole turn while one that turned back unwound it. So a flick
/// of a beam just before or after a passage does not undo it. Two edges of both beams within <see cref="TogetherNs"/> are no
/// body (5 cm in 1 ms are 180 km/h) but a lamp, a dip of the power or a door: they tell no side, and nothing is counted.</para>
/// <para>What two beams cannot tell, and what is counted then (measured in COUNTING.md): people side by side, or so close
/// behind each other that the door is not clear for the gap, are one; people who meet in the beams are one or none; a body
/// whose pieces are further apart than the gap is as many as it has such pieces.</para>
/// Times are nanoseconds of one monotonic clock. Settle up to an edge's time before it.
/// </remarks>
public static class DirectionDetector
{
    /// <summary>
    /// How long both beams must be clear between two bodies: 100 ms. Pieces of one body are less than 80 ms apart, bodies at least
    /// 150 ms; it lies nearer to the pieces because people 0.4 s apart at a walk leave 100 to 150 ms.
    /// </summary>
    public const long GapNs = 100_000_000;

    /// <summary>Edges of both beams this close have no order: 1 ms.</summary>
    public const long TogetherNs = 1_000_000;

    public static DoorState Step(DoorState state, BeamEdge edge)
    {
        var before = edge.Beam == 0 ? state.First : state.Second;
        if (before.Broken == edge.Broken)
        {
            return state;
        }

        var trace = edge.Broken ? before with { Broken = true, FirstNs = before.FirstNs ?? edge.AtNs } : before with { Broken = false, LastNs = edge.AtNs };
        var next = edge.Beam == 0 ? state with { First = trace } : state with { Second = trace };
        var together = state.SinceNs is not null && state.Last.Beam != edge.Beam && edge.AtNs - state.Last.AtNs < TogetherNs;
        return next with
        {
            SinceNs = state.SinceNs ?? edge.AtNs,
            Winding = state.Winding + QuarterTurn(state, next),
            Blurred = state.Blurred || together,
            Last = edge,
        };
    }

    /// <returns>The next state, and the visit that ended, once.</returns>
    public static (DoorState Next, Visit? Ended) Settle(DoorState state, long nowNs)
    {
        if (!(state.DueNs <= nowNs))
        {
            return (state, null);
        }

        var alone = state.Blind ? 0 : (state.First.FirstNs is null ? 0 : 1) - (state.Second.FirstNs is null ? 0 : 1);
        return (default, new Visit(state.Blind ? 0 : Direction(state), alone, state.SinceNs!.Value, state.ClearNs));
    }

    private static int Direction(DoorState state)
    {
        if (state.First.FirstNs is not { } first || state.Second.FirstNs is not { } second)
        {
            return 0;
        }

        var came = Side(second - first);
        var left = Side(state.Second.LastNs - state.First.LastNs);
        return came + left == 0 && came != 0 && !state.Blurred ? Math.Sign(state.Winding / 4) : (came + left) / 2;
    }

    private static int Side(long differenceNs) => Math.Abs(differenceNs) < TogetherNs ? 0 : Math.Sign(differenceNs);

    // One beam at a time changes, so the step on the ring is 1 or 3 (which is -1).
    private static int QuarterTurn(DoorState from, DoorState to) => (Place(to) - Place(from) + 4) % 4 == 1 ? 1 : -1;

    private static int Place(DoorState state) => (state.First.Broken, state.Second.Broken) switch
    {
        (false, false) => 0,
        (true, false) => 1,
        (true, true) => 2,
        (false, true) => 3,
    };
}
