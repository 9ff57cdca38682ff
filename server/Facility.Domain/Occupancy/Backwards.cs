namespace Facility.Domain.Occupancy;

/// <summary>The steps of <see cref="HeadCount"/> the other way: from what later evidence makes of a number of people to what it makes of the number before.</summary>
internal static class Backwards
{
    /// <summary>
    /// The step backwards: from how likely all later evidence is after it to how likely it is before it, over
    /// the window of a count before it.
    /// </summary>
    /// <param name="later">Over the window of the count after the step, which starts at <paramref name="laterFirst"/>.</param>
    public static void Take(in Step step, DoorErrors errors, int first, Span<float> before, int laterFirst, ReadOnlySpan<float> later)
    {
        for (var i = 0; i < before.Length; i++)
        {
            var n = first + i;
            before[i] = step.Kind switch
            {
                StepKind.In => Expect(errors.In, 1, n, laterFirst, later),
                StepKind.Out => Expect(errors.Out, -1, n, laterFirst, later),
                StepKind.Emptied => Empty(step.A, n, laterFirst, later),
                StepKind.Settled => Likelihood.Of(step, n) * Empty(step.A, n, laterFirst, later),
                StepKind.Seen when n == 0 => step.A * (((1 - step.B) * At(0, laterFirst, later)) + (step.B * At(1, laterFirst, later))),
                StepKind.Seen => At(n, laterFirst, later),
                _ => Likelihood.Of(step, n) * At(n, laterFirst, later),
            };
        }
    }

    private static float Empty(float share, int n, int laterFirst, ReadOnlySpan<float> later) =>
        (share * At(0, laterFirst, later)) + ((1 - share) * At(n, laterFirst, later));

    private static float At(int n, int first, ReadOnlySpan<float> values) =>
        n >= first && n - first < values.Length ? values[n - first] : 0;

    private static float Expect(float[] taps, int sign, int n, int laterFirst, ReadOnlySpan<float> later)
    {
        var sum = 0f;
        for (var t = 0; t < DoorErrors.Taps; t++)
        {
            var to = n + (sign * (t + DoorErrors.LeastTap));
            sum += to < 0 ? HeadCount.OutOfNobody * taps[t] * At(0, laterFirst, later) : taps[t] * At(to, laterFirst, later);
        }

        return sum;
    }
}
