namespace Facility.Domain.Occupancy;

/// <summary>Makes the zones' estimates add up to the site's.</summary>
/// <remarks>
/// The outer doors know the site better than the doors between zones do: so the zones give way, each as far as its
/// interval allows, the least certain one first. Where none can, the zone behind an outer door takes what is too much, and
/// the fullest zones lose what is too little; below <c>floors</c>, the people who are seen, only the site gives way.
/// </remarks>
internal static class Consistent
{
    /// <param name="spans">The site first, then its zones.</param>
    /// <param name="floors">The least of each.</param>
    /// <param name="outer">The index in <paramref name="spans"/> of a zone behind an outer door.</param>
    public static void AddUp(Span<Span90> spans, ReadOnlySpan<int> floors, int outer)
    {
        var difference = spans[0].Estimate;
        foreach (var zone in spans[1..])
        {
            difference -= zone.Estimate;
        }

        while (difference != 0)
        {
            var at = difference > 0 ? Roomiest(spans, s => s.High - s.Estimate) : Roomiest(spans, s => s.Estimate - s.Low);
            at = at > 0 ? at : difference > 0 ? outer : Fullest(spans, floors);
            if (at == 0)
            {
                // More people are seen than the outer doors can account for.
                spans[0] = spans[0].At(spans[0].Estimate - difference);
                return;
            }

            spans[at] = spans[at].At(spans[at].Estimate + Math.Sign(difference));
            difference -= Math.Sign(difference);
        }
    }

    private static int Roomiest(ReadOnlySpan<Span90> spans, Func<Span90, int> room)
    {
        var (most, at) = (0, 0);
        for (var i = 1; i < spans.Length; i++)
        {
            (most, at) = room(spans[i]) > most ? (room(spans[i]), i) : (most, at);
        }

        return at;
    }

    private static int Fullest(ReadOnlySpan<Span90> spans, ReadOnlySpan<int> floors)
    {
        var (most, at) = (0, 0);
        for (var i = 1; i < spans.Length; i++)
        {
            (most, at) = spans[i].Estimate - floors[i] > most ? (spans[i].Estimate - floors[i], i) : (most, at);
        }

        return at;
    }
}
