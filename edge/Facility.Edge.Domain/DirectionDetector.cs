namespace Facility.Edge.Domain;

/// <summary>A beam of a door changed. True is broken, false is clear.</summary>
/// <param name="Beam">0 is the beam on the side of the portal's first zone, 1 on that of its second.</param>
public readonly record struct BeamEdge(int Beam, bool Broken);

/// <summary>Where a body is in the door.</summary>
/// <param name="First">The first beam is broken.</param>
/// <param name="Second">The second beam is broken.</param>
/// <param name="Position">Quarter steps since the door was last clear; positive is towards the second zone.</param>
/// <param name="Blind">The story is unknown (at start, or after lost edges) until the door is clear.</param>
public readonly record struct DoorState(bool First, bool Second, int Position, bool Blind)
{
    /// <summary>The levels are known and what came before is not: nothing counts until the door is clear.</summary>
    public static DoorState From(bool first, bool second) => new(first, second, 0, first || second);
}

/// <summary>
/// Tells from two beams, closer together than a body is thick, which way a person went.
/// <code>
///            1    2    3    4
/// first   ___|‾‾‾‾‾‾‾‾‾|_________      +1: into the second zone
/// second  ________|‾‾‾‾‾‾‾‾‾|____
///
/// first   ________|‾‾‾‾‾‾‾‾‾|____      -1: into the first zone
/// second  ___|‾‾‾‾‾‾‾‾‾|_________
///
/// first   ___|‾‾‾‾‾‾‾‾‾‾‾‾‾‾|____       0: turned back
/// second  ________|‾‾‾‾|_________
/// </code>
/// </summary>
/// <remarks>
/// The two beams are a position on a ring of four: clear, first, both, second. Each edge is one quarter step either way,
/// and a passage is four quarters the same way round. So time plays no part: someone may linger in the door, sway, and go
/// on. Two people side by side, or so close behind each other that the door is never clear, count as one. An object
/// thinner than the distance between the beams breaks them one after the other and counts as nothing.
/// </remarks>
public static class DirectionDetector
{
    /// <returns>The next state, and +1 or -1 for a passage completed by this edge.</returns>
    public static (DoorState Next, int? Passage) Step(DoorState state, BeamEdge edge)
    {
        var next = edge.Beam == 0 ? state with { First = edge.Broken } : state with { Second = edge.Broken };
        if (next == state)
        {
            return (state, null);
        }

        if (!next.First && !next.Second)
        {
            var position = state.Position + QuarterStep(state, next);
            var passage = state.Blind ? 0 : position / 4;
            return (DoorState.From(false, false), passage == 0 ? null : passage);
        }

        return (next with { Position = state.Blind ? 0 : state.Position + QuarterStep(state, next) }, null);
    }

    // One beam at a time changes, so the step on the ring is 1 or 3 (which is -1).
    private static int QuarterStep(DoorState from, DoorState to) => (Place(to) - Place(from) + 4) % 4 == 1 ? 1 : -1;

    private static int Place(DoorState state) => (state.First, state.Second) switch
    {
        (false, false) => 0,
        (true, false) => 1,
        (true, true) => 2,
        (false, true) => 3,
    };
}
