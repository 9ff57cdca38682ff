namespace Facility.Domain.Occupancy;

/// <summary>
/// The probability of each number of people at each step of a day that is over, by all evidence of it, before and after.
/// </summary>
/// <remarks>
/// Forward and backward (Baum and others, "A maximization technique ... of Markov chains", Ann. Math. Stat. 41, 1970;
/// Rabiner 1989), for the likeliest hypotheses on the doors' errors, mixed by how well each explains the day.
/// </remarks>
internal static class Smoother
{
    // At most eight hypotheses: more change nothing that can be seen.
    private const float Explained = 0.95f;
    private const int MostHypotheses = 8;

    /// <returns>Of each instant of the tape, in order: its time, the first number and the probabilities from there on.</returns>
    public static List<(DateTimeOffset At, int First, float[] P)> Smooth(IReadOnlyList<(DateTimeOffset At, Step Step)> tape, IReadOnlyList<float> weights)
    {
        var instants = new List<(DateTimeOffset, int, float[])>();
        var explained = 0f;
        foreach (var h in Enumerable.Range(0, weights.Count).OrderByDescending(h => weights[h]).ThenBy(h => h).Take(MostHypotheses))
        {
            if (explained >= Explained * weights.Sum())
            {
                break;
            }

            explained += weights[h];
            Add(tape, DoorErrors.All[h], weights[h], instants);
        }

        return instants;
    }

    private static void Add(
        IReadOnlyList<(DateTimeOffset At, Step Step)> tape, DoorErrors errors, float weight, List<(DateTimeOffset At, int First, float[] P)> instants)
    {
        var head = new HeadCount();
        var forward = new (int First, float[] P)[tape.Count + 1];
        forward[0] = (0, [1]);
        for (var i = 0; i < tape.Count; i++)
        {
            head.Take(tape[i].Step, errors);
            forward[i + 1] = (head.First, head.P.ToArray());
        }

        var first = instants.Count == 0;
        var instant = instants.Count - 1;
        var later = Enumerable.Repeat(1f, forward[^1].P.Length).ToArray();
        for (var i = tape.Count; i > 0; i--)
        {
            if (i == tape.Count || tape[i].At != tape[i - 1].At)
            {
                var both = Product(forward[i].P, later, weight);
                if (first)
                {
                    instants.Add((tape[i - 1].At, forward[i].First, both));
                }
                else
                {
                    instants[instant] = Sum(instants[instant], forward[i].First, both);
                    instant--;
                }
            }

            var before = new float[forward[i - 1].P.Length];
            Backwards.Take(tape[i - 1].Step, errors, forward[i - 1].First, before, forward[i].First, later);
            later = before;
            Scale(later, 1 / MathF.Max(later.Max(), 1e-30f));
        }

        if (first)
        {
            instants.Reverse();
        }
    }

    private static float[] Product(float[] a, float[] b, float weight)
    {
        var product = a.Zip(b, (x, y) => x * y).ToArray();
        var sum = product.Sum();
        // Where rounding left nothing in common, what came before is all that is known.
        product = sum > 0 ? product : [.. a];
        Scale(product, weight / product.Sum());
        return product;
    }

    private static (DateTimeOffset, int, float[]) Sum((DateTimeOffset At, int First, float[] P) a, int first, float[] p)
    {
        var low = Math.Min(a.First, first);
        var sum = new float[Math.Max(a.First + a.P.Length, first + p.Length) - low];
        a.P.CopyTo(sum, a.First - low);
        for (var i = 0; i < p.Length; i++)
        {
            sum[first - low + i] += p[i];
        }

        return (a.At, low, sum);
    }

    private static void Scale(float[] values, float factor)
    {
        for (var i = 0; i < values.Length; i++)
        {
            values[i] *= factor;
        }
    }
}
