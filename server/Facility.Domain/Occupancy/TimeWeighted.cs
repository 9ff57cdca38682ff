using Facility.Contracts.Rest;

namespace Facility.Domain.Occupancy;

/// <summary>From <paramref name="At"/> until the next, the estimate of a zone is this.</summary>
public readonly record struct EstimateStep(DateTimeOffset At, int Estimate, int Low, int High);

/// <summary>Makes intervals of a step function.</summary>
public static class TimeWeighted
{
    /// <summary>
    /// Points of each interval from <paramref name="from"/> (inclusive) to <paramref name="to"/> (exclusive): the mean
    /// weighted by time, the highest estimate, the lowest low and the highest high.
    /// </summary>
    /// <param name="steps">In order of time; one before <paramref name="from"/> says what held then.</param>
    /// <param name="now">What lies after it has not happened: no point starts at or after it, and the last one stops there.</param>
    /// <remarks>Nothing is known before the first step: intervals that end before it are left out, and the one it falls in counts from it.</remarks>
    public static IEnumerable<OccupancyPoint> Points(
        IReadOnlyList<EstimateStep> steps, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, DateTimeOffset now)
    {
        var end = to < now ? to : now;
        var next = 0;
        EstimateStep? current = null;
        for (var start = from; start < end; start += interval)
        {
            var stop = start + interval < end ? start + interval : end;
            while (next < steps.Count && steps[next].At <= start)
            {
                current = steps[next++];
            }

            var (ticks, weighted, max, low, high) = (0L, 0.0, int.MinValue, int.MaxValue, int.MinValue);
            var at = start;
            while (at < stop)
            {
                var until = next < steps.Count && steps[next].At < stop ? steps[next].At : stop;
                if (current is { } held)
                {
                    ticks += (until - at).Ticks;
                    weighted += (double)held.Estimate * (until - at).Ticks;
                    (max, low, high) = (Math.Max(max, held.Estimate), Math.Min(low, held.Low), Math.Max(high, held.High));
                }

                at = until;
                while (next < steps.Count && steps[next].At <= at && at < stop)
                {
                    current = steps[next++];
                }
            }

            if (ticks > 0)
            {
                yield return new OccupancyPoint(start, Math.Round(weighted / ticks, 3), max, low, high);
            }
        }
    }
}
