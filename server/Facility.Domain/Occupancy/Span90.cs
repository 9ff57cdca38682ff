namespace Facility.Domain.Occupancy;

/// <summary>An estimate and its 90% interval.</summary>
internal readonly record struct Span90(int Low, int Estimate, int High)
{
    // People are no coin tosses, they come and go together: the model's own 92% hold 90% of true head counts (tests/Facility.Accuracy).
    private const float Outside = 0.04f;

    /// <summary>The same with another estimate, which it contains.</summary>
    public Span90 At(int estimate) => new(Math.Min(Low, estimate), estimate, Math.Max(High, estimate));

    /// <summary>The median and the ends of the 90% interval of a distribution from <paramref name="first"/> on, of any sum.</summary>
    public static Span90 Of(int first, ReadOnlySpan<float> p)
    {
        var total = 0f;
        foreach (var x in p)
        {
            total += x;
        }

        var (sum, low, estimate) = (0f, -1, -1);
        for (var i = 0; i < p.Length; i++)
        {
            sum += p[i];
            low = low < 0 && sum >= Outside * total ? first + i : low;
            estimate = estimate < 0 && sum >= 0.5f * total ? first + i : estimate;
            if (sum >= (1 - Outside) * total)
            {
                return new Span90(low, estimate, first + i);
            }
        }

        return new Span90(first, first, first + p.Length - 1);
    }
}
