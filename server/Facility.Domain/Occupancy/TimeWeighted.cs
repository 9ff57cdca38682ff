using Facility.Contracts.Rest;

namespace Facility.Domain.Occupancy;

/// <summary>From <paramref name="At"/> until the next, the estimate of a zone is this.</summary>
public readonly record struct EstimateStep(DateTimeOffset At, int Estimate, int Low, int High);

/// <summary>What is known of a zone over one interval. Whole numbers, so that sums of sums are exact wherever they are made.</summary>
/// <param name="At">When the interval starts.</param>
/// <param name="PersonMs">The estimate, integrated over time: persons × ms.</param>
/// <param name="KnownMs">How much of the interval there was an estimate for; the rest is below only where it is more than 0.</param>
/// <param name="Max">The highest estimate.</param>
/// <param name="Low">The lowest low.</param>
/// <param name="High">The highest high.</param>
public readonly record struct OccupancySum(DateTimeOffset At, long PersonMs, long KnownMs, int Max, int Low, int High)
{
    public OccupancySum Plus(in EstimateStep held, long ms) => Plus(new OccupancySum(At, held.Estimate * ms, ms, held.Estimate, held.Low, held.High));

    public OccupancySum Plus(in OccupancySum other) =>
        other.KnownMs == 0 ? this
        : KnownMs == 0 ? other with { At = At }
        : new(At, PersonMs + other.PersonMs, KnownMs + other.KnownMs, Math.Max(Max, other.Max), Math.Min(Low, other.Low), Math.Max(High, other.High));

    public OccupancyPoint ToPoint() => new(At, Math.Round((double)PersonMs / KnownMs, 3), Max, Low, High);
}

/// <summary>Makes intervals of a step function.</summary>
public static class TimeWeighted
{
    /// <summary>
    /// The points of each interval from <paramref name="from"/> (inclusive) to <paramref name="to"/> (exclusive).
    /// </summary>
    /// <param name="steps">In order of time; one before <paramref name="from"/> says what held then.</param>
    /// <param name="now">What lies after it has not happened: no point starts at or after it, and the last one stops there.</param>
    /// <remarks>Nothing is known before the first step: intervals that end before it are left out, and the one it falls in counts from it.</remarks>
    public static IEnumerable<OccupancyPoint> Points(
        IReadOnlyList<EstimateStep> steps, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, DateTimeOffset now) =>
        Sums(steps, from, to < now ? to : now, interval, from).Select(sum => sum.ToPoint());

    /// <summary>What is known of each interval, those of which nothing is left out. To the millisecond.</summary>
    /// <param name="origin">At or before <paramref name="from"/>: intervals start at whole multiples from here, and the first and last may be cut short.</param>
    public static IEnumerable<OccupancySum> Sums(
        IReadOnlyList<EstimateStep> steps, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, DateTimeOffset origin)
    {
        var (length, zero, end) = ((long)interval.TotalMilliseconds, Ms(origin), Ms(to));
        var next = 0;
        EstimateStep? held = null;
        var sum = default(OccupancySum);
        for (var at = Ms(from); at < end;)
        {
            for (; next < steps.Count && Ms(steps[next].At) <= at; next++)
            {
                held = steps[next];
            }

            var start = at - ((at - zero) % length);
            var stop = Math.Min(Math.Min(start + length, end), next < steps.Count ? Ms(steps[next].At) : end);
            if (held is { } step)
            {
                sum = (sum.KnownMs == 0 ? sum with { At = Time(start) } : sum).Plus(step, stop - at);
            }

            at = stop;
            if ((at == start + length || at == end) && sum.KnownMs > 0)
            {
                yield return sum;
                sum = default;
            }
        }
    }

    internal static long Ms(DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    internal static DateTimeOffset Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);
}
