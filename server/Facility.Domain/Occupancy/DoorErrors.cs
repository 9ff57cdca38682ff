namespace Facility.Domain.Occupancy;

/// <summary>
/// One hypothesis on how a zone's doors count: when they count one person, how many in truth went through.
/// </summary>
/// <remarks>
/// Taps are the probabilities of -1 (counted the wrong way), 0 (counted twice, or nobody), 1, 2 and 3 persons (missed, or
/// side by side). Their mean is the gain: persons for each one that is counted. A zone has a mixture of hypotheses, and the
/// evidence (an empty night, a person's count, a presence sensor) decides between them; so the errors need not be known.
/// The ratio of the gains in and out is well seen by evidence of zero; their level only by heads counted while people are in.
/// </remarks>
internal sealed class DoorErrors
{
    public const int Taps = 5;
    public const int LeastTap = -1;

    // Logarithms. A person in fifty to one in seven is missed by the counters that are sold, and seldom alike in and out.
    private static readonly double[] Ratios = [-0.17, -0.125, -0.085, -0.05, -0.025, 0, 0.025, 0.05, 0.085, 0.125, 0.17];
    private static readonly double[] Levels = [0.01, 0.065, 0.125];
    private static readonly double[] LevelPrior = [0.35, 0.4, 0.25];
    private static readonly (double Twice, double WrongWay)[] Noise = [(0.004, 0.001), (0.03, 0.012)];

    /// <summary>Every hypothesis, the same in each zone and release: snapshots refer to them by index.</summary>
    public static readonly DoorErrors[] All = Make();

    private DoorErrors(double gainIn, double gainOut, (double Twice, double WrongWay) noise, double prior)
    {
        (GainIn, GainOut, Prior) = (gainIn, gainOut, (float)prior);
        (In, Out) = (Kernel(gainIn, noise), Kernel(gainOut, noise));
    }

    public double GainIn { get; }

    public double GainOut { get; }

    public float Prior { get; }

    /// <summary>The hypotheses that differ from this one by one step.</summary>
    public IReadOnlyList<int> Beside { get; private set; } = [];

    public float[] In { get; }

    public float[] Out { get; }

    /// <summary>What a night makes of the probabilities of <see cref="All"/>.</summary>
    public static void Overnight(Span<float> weights)
    {
        // What was learned fades over some weeks; and a door may have changed since yesterday, to a hypothesis beside the last.
        const float Kept = 0.96f, Changed = 0.15f;
        Span<float> kept = stackalloc float[weights.Length];
        for (var h = 0; h < kept.Length; h++)
        {
            kept[h] = MathF.Pow(weights[h], Kept) * MathF.Pow(All[h].Prior, 1 - Kept);
        }

        for (var h = 0; h < kept.Length; h++)
        {
            weights[h] = (1 - Changed) * kept[h];
            foreach (var beside in All[h].Beside)
            {
                weights[h] += Changed * kept[beside] / All[beside].Beside.Count;
            }
        }

        Vectors.Scale(weights, 1 / Vectors.Sum(weights));
    }

    private static DoorErrors[] Make()
    {
        var all = from level in Levels.Select((l, i) => (Value: l, Prior: LevelPrior[i]))
                  from ratio in Ratios
                  from noise in Noise
                  let prior = level.Prior * Math.Exp(-0.5 * Math.Pow(ratio / 0.06, 2))
                  select (level.Value, ratio, noise, prior);
        var sum = all.Sum(a => a.prior);
        DoorErrors[] made = [.. all.Select(a => new DoorErrors(
            Math.Exp(a.Value + (a.ratio / 2)), Math.Exp(a.Value - (a.ratio / 2)), a.noise, a.prior / sum))];
        int[] steps = [Noise.Length * Ratios.Length, Noise.Length, 1];
        int[] sizes = [Levels.Length, Ratios.Length, Noise.Length];
        for (var h = 0; h < made.Length; h++)
        {
            var beside = from axis in Enumerable.Range(0, steps.Length)
                         from sign in new[] { -1, 1 }
                         let place = (h / steps[axis] % sizes[axis]) + sign
                         where place >= 0 && place < sizes[axis]
                         select h + (sign * steps[axis]);
            made[h].Beside = [.. beside];
        }

        return made;
    }

    private static float[] Kernel(double gain, (double Twice, double WrongWay) noise)
    {
        var nobody = noise.Twice + Math.Max(0, 1 - gain);
        var more = gain - 1 + nobody + (2 * noise.WrongWay);
        var (two, three) = (0.8 * more, 0.1 * more);
        return [(float)noise.WrongWay, (float)nobody, (float)(1 - noise.WrongWay - nobody - two - three), (float)two, (float)three];
    }
}
