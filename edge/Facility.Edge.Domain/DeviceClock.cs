namespace Facility.Edge.Domain;

/// <summary>The monotonic and the wall clock, read together.</summary>
/// <param name="MonotonicNs">The kernel's CLOCK_MONOTONIC, which stamps the edges of pins. Begins again at every boot.</param>
/// <param name="Wall">The wall clock at that moment; means nothing while it was not set.</param>
/// <param name="Synced">Whether the wall clock has been set since the device started.</param>
public readonly record struct ClockReading(long MonotonicNs, DateTimeOffset Wall, bool Synced)
{
    /// <summary>
    /// The time of a moment on the monotonic clock, by this reading; milliseconds, as on the wire. While the wall clock is not
    /// set it counts from 1970 at boot, so that no jump of that clock can touch it.
    /// </summary>
    public DateTimeOffset ToWall(long monotonicNs)
    {
        var at = Synced ? Wall.AddTicks((monotonicNs - MonotonicNs) / 100) : DateTimeOffset.UnixEpoch.AddTicks(monotonicNs / 100);
        return at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond));
    }

    /// <summary>What turns a time of the unset clock into that of the set one, now that both are known; whole milliseconds.</summary>
    public TimeSpan Correction => TimeSpan.FromMilliseconds(Math.Floor((Wall - DateTimeOffset.UnixEpoch.AddTicks(MonotonicNs / 100)).TotalMilliseconds));
}
