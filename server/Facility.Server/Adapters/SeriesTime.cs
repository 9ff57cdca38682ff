using Facility.Contracts.Mqtt;
using Facility.Server.Ports;

namespace Facility.Server.Adapters;

/// <summary>What both series stores must do alike: milliseconds, bounds, buckets, and which way a passage went.</summary>
internal static class SeriesTime
{
    /// <summary>The whole milliseconds since 1970 in which a moment lies.</summary>
    public static long Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    /// <summary>The first whole millisecond at or after a bound: stored times are floored, so this compares them as from inclusive, to exclusive.</summary>
    public static long Bound(DateTimeOffset bound) =>
        bound.ToUnixTimeMilliseconds() + (bound.UtcTicks % TimeSpan.TicksPerMillisecond == 0 ? 0 : 1);

    /// <summary>An interval in ms. Throws <see cref="ArgumentOutOfRangeException"/> unless it is a positive whole number of them.</summary>
    public static long Interval(TimeSpan interval) =>
        interval.Ticks > 0 && interval.Ticks % TimeSpan.TicksPerMillisecond == 0
            ? interval.Ticks / TimeSpan.TicksPerMillisecond
            : throw new ArgumentOutOfRangeException(nameof(interval), interval, "An interval is a positive whole number of milliseconds.");

    /// <summary>A sum of persons as an answer can hold it.</summary>
    public static int Whole(long persons) => (int)Math.Min(persons, int.MaxValue);

    /// <summary>Persons in and out of one passage; both 0 for what is no valid passage.</summary>
    public static (int In, int Out) Persons(in EventPoint point)
    {
        if (point.Portal is null || !EventKinds.Allows(EventKinds.Passage, point.Value))
        {
            return default;
        }

        var persons = (int)Math.Abs(point.Value);
        return point.Value > 0 == point.InIsPositive ? (persons, 0) : (0, persons);
    }
}
