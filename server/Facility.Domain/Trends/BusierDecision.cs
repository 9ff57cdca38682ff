using Facility.Contracts.Rest;

namespace Facility.Domain.Trends;

/// <summary>
/// Whether a day is busier than normal, hour by hour: it begins at a score of <see cref="Begins"/> and ends below <see cref="Ends"/>, so that
/// an hour on the edge makes no events of its own.
/// </summary>
/// <param name="Going">The event that is going on.</param>
public readonly record struct BusierDecision(BusierEvent? Going)
{
    public const double Begins = 2.5;
    public const double Ends = 1;

    // The upper quantile of the band is this many standard deviations of a normal distribution above the median.
    private const double NinetyPercent = 1.2816;

    /// <summary>How far above the median, in standard deviations of the band's upper half, and at least of chance (the root of the median) and of two persons.</summary>
    public static double Score(HourBand normal, double actual) =>
        (actual - normal.Median) / Math.Max(Math.Max((normal.High - normal.Median) / NinetyPercent, Math.Sqrt(Math.Max(0, normal.Median))), 2);

    /// <returns>The next state, and the event that this hour ended.</returns>
    public (BusierDecision Next, BusierEvent? Ended) Step(int hour, double score) => Going switch
    {
        null when score >= Begins => (new(new BusierEvent(hour, null, Math.Round(score, 2))), null),
        { } going when score < Ends => (new(null), going with { ToHour = hour }),
        { } going => (new(going with { Score = Math.Max(going.Score, Math.Round(score, 2)) }), null),
        null => (this, null),
    };

    /// <summary>The events of a day so far; an hour that is not known, or has no normal, changes nothing.</summary>
    public static IReadOnlyList<BusierEvent> Of(IReadOnlyList<HourBand?> normal, IReadOnlyList<double?> actual)
    {
        var (state, events) = (default(BusierDecision), new List<BusierEvent>());
        for (var hour = 0; hour < actual.Count; hour++)
        {
            if (normal[hour] is { } band && actual[hour] is { } value)
            {
                (state, var ended) = state.Step(hour, Score(band, value));
                events.AddRange(ended is null ? [] : [ended]);
            }
        }

        return state.Going is { } going ? [.. events, going] : events;
    }
}
