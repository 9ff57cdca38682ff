using CsCheck;
using Facility.Edge.Domain;

namespace Facility.Tests.Unit.Edge;

public class DirectionDetectorTests
{
    // A is the first beam, B the second; capital breaks it, small clears it.
    [Theory]
    [InlineData("ABab", 1)]
    [InlineData("BAba", -1)]
    [InlineData("ABba", 0)]
    [InlineData("BAab", 0)]
    [InlineData("Aa", 0)]
    [InlineData("AaBb", 0)]
    [InlineData("ABbBbBab", 1)]
    [InlineData("ABaAab", 1)]
    [InlineData("ABabBAba", 0)]
    [InlineData("ABabABab", 2)]
    public void A_sequence_of_beams_counts(string edges, int expected) => Assert.Equal(expected, Count(edges, default));

    [Fact]
    public void A_door_that_was_blocked_at_the_start_counts_only_after_it_was_clear() =>
        Assert.Equal(1, Count("abABab", DoorState.From(true, true)));

    [Fact]
    public void Mirrored_beams_flip_the_direction() =>
        Gen.Int[0, 1].Array[0, 60].Sample(beams =>
        {
            var (straight, mirrored) = (default(DoorState), default(DoorState));
            foreach (var beam in beams)
            {
                (straight, var a) = DirectionDetector.Step(straight, new BeamEdge(beam, !Broken(straight, beam)));
                (mirrored, var b) = DirectionDetector.Step(mirrored, new BeamEdge(1 - beam, !Broken(mirrored, 1 - beam)));
                if (a != -b)
                {
                    return false;
                }
            }

            return true;
        });

    private static bool Broken(DoorState state, int beam) => beam == 0 ? state.First : state.Second;

    private static int Count(string edges, DoorState state)
    {
        var sum = 0;
        foreach (var c in edges)
        {
            (state, var passage) = DirectionDetector.Step(state, new BeamEdge(char.ToLowerInvariant(c) - 'a', char.IsUpper(c)));
            sum += passage ?? 0;
        }

        return sum;
    }
}
