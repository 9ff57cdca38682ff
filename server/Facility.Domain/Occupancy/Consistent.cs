namespace Facility.Domain.Occupancy;

/// <summary>Makes the zones' estimates add up to the site's.</summary>
/// <remarks>
/// The outer doors know the site better than the doors between zones do: so the zones give way, each as far as its
/// interval allows, the least certain one first; only where none can, the site does. A site whose outer doors do not
/// count, or are not heard, is the sum of its zones.
/// </remarks>
internal static class Consistent
{
    /// <param name="spans">The site first, then its zones.</param>
    /// <param name="outerHeard">Whether the site's own doors tell of it.</param>
    public static void AddUp(Span<Span90> spans, bool outerHeard)
    {
        if (spans.Length == 1)
        {
            return;
        }

        if (!outerHeard)
        {
            spans[0] = Sum(spans[1..]);
            return;
        }

        var difference = spans[0].Estimate - Sum(spans[1..]).Estimate;
        while (difference != 0)
        {
            var (most, at) = (0, 0);
            for (var i = 1; i < spans.Length; i++)
            {
                var room = difference > 0 ? spans[i].High - spans[i].Estimate : spans[i].Estimate - spans[i].Low;
                (most, at) = room > most ? (room, i) : (most, at);
            }

            if (at == 0)
            {
                spans[0] = spans[0].At(spans[0].Estimate - difference);
                return;
            }

            spans[at] = spans[at] with { Estimate = spans[at].Estimate + Math.Sign(difference) };
            difference -= Math.Sign(difference);
        }
    }

    // Errors of apart zones add up as squares.
    private static Span90 Sum(ReadOnlySpan<Span90> zones)
    {
        var (estimate, below, above) = (0, 0.0, 0.0);
        foreach (var zone in zones)
        {
            estimate += zone.Estimate;
            below += Math.Pow(zone.Estimate - zone.Low, 2);
            above += Math.Pow(zone.High - zone.Estimate, 2);
        }

        return new(Math.Max(0, estimate - (int)Math.Ceiling(Math.Sqrt(below))), estimate, estimate + (int)Math.Ceiling(Math.Sqrt(above)));
    }
}
