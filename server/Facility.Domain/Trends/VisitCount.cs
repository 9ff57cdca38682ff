using Facility.Contracts.Rest;

namespace Facility.Domain.Trends;

/// <summary>Persons in and out of the building on one local day.</summary>
public readonly record struct DayCount(DateOnly Day, int In, int Out);

/// <summary>
/// How wrong the outer doors count, learned from days: who came in went out again, so what in and out differ is error.
/// </summary>
/// <param name="Share">The drift: (in - out) / (in + out), -0.25..0.25.</param>
/// <param name="Variance">Of a day's difference beyond the drift, for each passage.</param>
/// <remarks>
/// Which direction is wrong cannot be told, so the visits lie between what was counted in and what that would have been if out were right,
/// in/(1 + 2 × share). A day's chance error is normal with half the variance for each person in. What both directions miss alike is not
/// in it: only a person's own count shows that.
/// </remarks>
public sealed record DoorError(double Share, double Variance, int Days)
{
    /// <summary>Fewer days, or fewer passages in all, say nothing.</summary>
    public const int FewestDays = 7;
    private const int FewestPassages = 200;
    private const double AssumedShare = 0.05;
    private const double Z90 = 1.645;

    /// <summary>Null where there is too little to learn from.</summary>
    public static DoorError? Learn(IReadOnlyCollection<DayCount> days)
    {
        var busy = days.Where(d => d.In + d.Out > 0).ToArray();
        double passages = busy.Sum(d => (long)d.In + d.Out);
        if (busy.Length < FewestDays || passages < FewestPassages)
        {
            return null;
        }

        var share = Math.Clamp(busy.Sum(d => (long)d.In - d.Out) / passages, -0.25, 0.25);
        var variance = busy.Sum(d => Math.Pow(d.In - d.Out - (share * (d.In + d.Out)), 2)) / passages;
        return new DoorError(Math.Round(share, 4), variance, busy.Length);
    }

    /// <summary>The 90% interval of the persons that came in, where so many were counted.</summary>
    public static (int Low, int High) Interval(DoorError? error, int personsIn)
    {
        if (error is null)
        {
            var slack = 1 + (int)Math.Ceiling(AssumedShare * personsIn);
            return (Math.Max(0, personsIn - slack), personsIn + slack);
        }

        var (other, chance) = (personsIn / (1 + (2 * error.Share)), Z90 * Math.Sqrt(error.Variance * personsIn));
        return ((int)Math.Max(0, Math.Floor(Math.Min(personsIn, other) - chance)), (int)Math.Ceiling(Math.Max(personsIn, other) + chance));
    }
}

/// <summary>Days put together to days, weeks or months.</summary>
public static class VisitCount
{
    /// <param name="days">Without holes, in order; the first and last may be partial.</param>
    /// <param name="wholeFrom">The first day that is whole.</param>
    /// <param name="wholeTo">The day after the last that is whole.</param>
    public static IReadOnlyList<VisitPoint> Of(IEnumerable<DayCount> days, CalendarInterval per, DoorError? error, DateOnly wholeFrom, DateOnly wholeTo) =>
    [
        .. days.GroupBy(d => per.StartOf(d.Day)).Select(g =>
        {
            var (personsIn, personsOut) = (g.Sum(d => d.In), g.Sum(d => d.Out));
            var (low, high) = DoorError.Interval(error, personsIn);
            return new VisitPoint(
                g.Key, personsIn, low, high, personsOut, g.Count(d => d.In + d.Out > 0), g.Key < wholeFrom || per.Next(g.Key) > wholeTo);
        }),
    ];
}
