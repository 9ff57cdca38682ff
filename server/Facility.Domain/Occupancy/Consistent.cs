namespace Facility.Domain.Occupancy;

/// <summary>An estimate and its 90% interval.</summary>
internal record struct Span90(int Low, int Estimate, int High)
{
    /// <summary>The median and the 5% and 95% points of a distribution from <paramref name="first"/> on, of any sum.</summary>
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
            low = low < 0 && sum >= 0.05f * total ? first + i : low;
            estimate = estimate < 0 && sum >= 0.5f * total ? first + i : estimate;
            if (sum >= 0.95f * total)
            {
                return new Span90(low, estimate, first + i);
            }
        }

        return new Span90(Math.Max(low, first), Math.Max(estimate, first), first + p.Length - 1);
    }
}

/// <summary>Makes the zones' estimates add up to the site's.</summary>
/// <remarks>
/// The outer doors know the site better than the doors between zones do: so the zones give way, each as far as its
/// interval allows, the least certain one first. Where no zone can, the site does.
/// </remarks>
internal static class Consistent
{
    /// <param name="spans">The site first, then its zones.</param>
    public static void AddUp(Span<Span90> spans)
    {
        var zones = spans[1..];
        var sum = 0;
        foreach (var zone in zones)
        {
            sum += zone.Estimate;
        }

        for (var difference = spans[0].Estimate - sum; difference != 0;)
        {
            var (most, at) = (0, -1);
            for (var i = 0; i < zones.Length; i++)
            {
                var room = difference > 0 ? zones[i].High - zones[i].Estimate : zones[i].Estimate - zones[i].Low;
                (most, at) = room > most ? (room, i) : (most, at);
            }

            if (at < 0)
            {
                var estimate = spans[0].Estimate - difference;
                spans[0] = new Span90(Math.Min(spans[0].Low, estimate), estimate, Math.Max(spans[0].High, estimate));
                return;
            }

            zones[at].Estimate += Math.Sign(difference);
            difference -= Math.Sign(difference);
        }
    }
}
