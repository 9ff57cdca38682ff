using System.Globalization;
using CsCheck;
using Facility.Edge.Domain;

namespace Facility.Tests.Unit.Edge;

public class DirectionDetectorTests
{
    // A is the first beam, B the second; capital breaks it, small clears it; at so many milliseconds.
    [Theory]
    [InlineData("A0 B50 a200 b250", "1")]
    [InlineData("B0 A50 b200 a250", "-1")]
    [InlineData("A0 B50 b200 a250", "0")]
    [InlineData("B0 A50 a200 b250", "0")]
    [InlineData("A0 a200", "0")]
    [InlineData("A0 B5 a15 b20", "1")] // a child at a run
    [InlineData("A0 B2000 a9000 b11000", "1")] // a shuffle
    [InlineData("A0 a30 B50 b80", "1")] // thinner than the beams are apart
    [InlineData("A0 a30 A40 B50 a60 b70 B90 b100", "1")] // so, in two pieces
    [InlineData("A0 B50 a100 b150 A229 B279 a400 b450", "1")] // pieces 79 ms apart
    [InlineData("A0 B50 a100 b150 A300 B350 a400 b450", "1 1")] // people 150 ms apart
    [InlineData("A0 B50 a100 b150 B229 A279 b300 a350", "0")] // just through, and back
    [InlineData("A0 B50 a100 b150 B300 A350 b400 a450", "1 -1")] // through, then back
    [InlineData("A0 B50 b60 B70 b80 B90 a100 b150", "1")]
    [InlineData("A0 B50 a100 A120 a130 b150", "1")]
    [InlineData("A0 B50 a200 b250 A300 a310", "1")] // a flick of the first beam just after
    [InlineData("B0 b15 A60 B110 a260 b310", "1")] // and of the second just before
    [InlineData("A0 B30000 a30100 b30200", "1")] // lingering in the first beam
    [InlineData("A0 B100 a200 b30200", "1")] // and in the second
    [InlineData("A0 B0 a100 b150", "0")] // both at once is no body
    [InlineData("A0 B50 a100 b100", "0")]
    [InlineData("A0 B0 a100 b100", "0")]
    [InlineData("A0 B50 a60 b60 B70 A70 b120 a170", "0")] // turned back, with edges at once in between
    public void A_sequence_of_beams_counts(string edges, string expected) =>
        Assert.Equal(expected == "0" ? [] : expected.Split(' ').Select(x => int.Parse(x, CultureInfo.InvariantCulture)), Count(Parse(edges), default));

    [Fact]
    public void A_door_that_was_blocked_at_the_start_counts_only_after_it_was_clear() =>
        Assert.Equal([1], Count(Parse("a50 b100 A250 B300 a400 b450"), DoorState.From(true, true, 0)));

    [Fact]
    public void Mirrored_beams_flip_the_direction() =>
        Edges.Sample(edges => Count(edges, default).SequenceEqual(Count([.. edges.Select(e => e with { Beam = 1 - e.Beam })], default).Select(x => -x)));

    [Fact]
    public void A_passage_takes_a_break_of_both_beams_and_a_clear_door() =>
        Edges.Sample(edges =>
        {
            var passages = Count(edges, default);
            var breaks = Enumerable.Range(0, 2).Min(beam => edges.Count(e => e.Beam == beam && e.Broken));
            var gaps = edges.Zip(edges.Skip(1)).Count(pair => pair.Second.AtNs - pair.First.AtNs >= DirectionDetector.GapNs);
            return passages.All(x => x is 1 or -1) && passages.Count <= Math.Min(breaks, gaps + 1);
        });

    // Each beam in turn broken and clear, 0 to 300 ms between, often near the gap or together.
    private static readonly Gen<BeamEdge[]> Edges =
        Gen.Select(Gen.Int[0, 1], Gen.OneOf(Gen.Int[0, 3], Gen.Int[5, 60], Gen.Int[95, 105], Gen.Int[120, 300])).Array[0, 60].Select(moves =>
        {
            var (edges, broken, at) = (new List<BeamEdge>(), new bool[2], 0L);
            foreach (var (beam, ms) in moves)
            {
                at += ms * 1_000_000L;
                broken[beam] = !broken[beam];
                edges.Add(new BeamEdge(beam, broken[beam], at));
            }

            return edges.ToArray();
        });

    private static BeamEdge[] Parse(string edges) =>
        [.. edges.Split(' ').Select(e => new BeamEdge(char.ToLowerInvariant(e[0]) - 'a', char.IsUpper(e[0]), long.Parse(e[1..], CultureInfo.InvariantCulture) * 1_000_000))];

    private static List<int> Count(BeamEdge[] edges, DoorState state)
    {
        var passages = new List<int>();
        void Settle(long nowNs)
        {
            (state, var ended) = DirectionDetector.Settle(state, nowNs);
            passages.AddRange(ended is { Passage: not 0 } visit ? [visit.Passage] : []);
        }

        foreach (var edge in edges)
        {
            Settle(edge.AtNs);
            state = DirectionDetector.Step(state, edge);
        }

        Settle(long.MaxValue);
        return passages;
    }
}
