using CsCheck;
using Facility.Domain.Occupancy;

namespace Facility.Tests.Unit.Occupancy;

public sealed class HeadCountTests
{
    private static readonly Gen<Step> AnyStep = Gen.OneOf(
        Gen.Const(new Step(StepKind.In)), Gen.Const(new Step(StepKind.Out)), Gen.Const(new Step(StepKind.Quiet, 0.1f)),
        Gen.Const(new Step(StepKind.Emptied, 0.05f)), Gen.Const(new Step(StepKind.Seen, 0.5f, 0.2f)),
        Gen.Int[0, 6].Select(n => new Step(StepKind.Counted, n)), Gen.Const(new Step(StepKind.Settled, 1, 0.5f)), Gen.Const(new Step(StepKind.Settled, 0.6f, 0.2f)));

    [Fact]
    public void Every_hypothesis_is_a_probability_and_its_gain_is_its_mean() => Assert.All(DoorErrors.All, e =>
    {
        foreach (var (taps, gain) in new[] { (e.In, e.GainIn), (e.Out, e.GainOut) })
        {
            Assert.All(taps, p => Assert.InRange(p, 0, 1));
            Assert.Equal(1, taps.Sum(), 1e-5);
            Assert.Equal(gain, taps.Select((p, i) => p * (i + DoorErrors.LeastTap)).Sum(), 1e-5);
        }
    });

    [Fact]
    public void A_door_can_become_any_other_by_steps_that_go_both_ways() => Assert.All(DoorErrors.All, (e, h) =>
        Assert.True(e.Beside.Count is >= 3 and <= 5 && e.Beside.All(b => b != h && DoorErrors.All[b].Beside.Contains(h))));

    [Fact]
    public void Whatever_happens_it_stays_a_probability_of_nobody_or_more() => AnyStep.Array[1, 60].Sample(steps =>
    {
        var head = new HeadCount();
        foreach (var step in steps)
        {
            Assert.True(head.Take(step, DoorErrors.All[40]) > 0);
            Assert.Equal(1, head.P.ToArray().Sum(), 1e-4);
            Assert.True(head.First >= 0);
        }
    }, iter: 300);

    [Fact]
    public void The_evidence_is_as_likely_told_backwards_as_forwards() => AnyStep.Where(s => s.Kind != StepKind.Counted).Array[1, 25].Sample(steps =>
    {
        // Forwards: the product of what each step was worth. Backwards: what the start makes of all steps.
        var errors = DoorErrors.All[30];
        var head = new HeadCount();
        var windows = new List<(int First, int Length)> { (0, 1) };
        var forwards = 1.0;
        foreach (var step in steps)
        {
            forwards *= head.Take(step, errors);
            windows.Add((head.First, head.P.Length));
        }

        var later = Enumerable.Repeat(1f, windows[^1].Length).ToArray();
        for (var i = steps.Length; i > 0; i--)
        {
            var before = new float[windows[i - 1].Length];
            Backwards.Take(steps[i - 1], errors, windows[i - 1].First, before, windows[i].First, later);
            later = before;
        }

        Assert.InRange(later[0] / forwards, 0.98, 1.02);
    }, iter: 200);

    [Fact]
    public void Spreading_many_at_once_is_spreading_one_by_one() =>
        Gen.Select(Gen.Float[0, 1].Array[1, 70], Gen.Float[0, 1].Array[5]).Sample((from, factors) =>
        {
            float[] room = [.. new float[Vectors.Margin], .. from, .. new float[Vectors.Behind]];
            var to = Enumerable.Repeat(7f, room.Length).ToArray();
            Vectors.Spread(to, room, from.Length, factors);
            for (var j = 0; j < from.Length + 4; j++)
            {
                var sum = Enumerable.Range(0, 5).Where(t => j - t >= 0 && j - t < from.Length).Sum(t => (double)from[j - t] * factors[t]);
                Assert.Equal(sum, to[Vectors.Margin + j], 1e-5);
            }
        });

    [Fact]
    public void In_and_out_mirror_each_other_far_from_zero()
    {
        var (entering, leaving) = (new HeadCount(), new HeadCount());
        entering.Set(50, [1]);
        leaving.Set(50, [1]);
        var errors = DoorErrors.All.First(e => e.GainIn == e.GainOut && e.GainIn > 1);
        for (var i = 0; i < 20; i++)
        {
            entering.Take(new Step(StepKind.In), errors);
            leaving.Take(new Step(StepKind.Out), errors);
        }

        Assert.Equal(Mean(entering) - 50, 50 - Mean(leaving), 1e-3);
    }

    private static double Mean(HeadCount head) => head.P.ToArray().Select((p, i) => (head.First + i) * (double)p).Sum();
}
