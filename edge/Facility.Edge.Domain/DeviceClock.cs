namespace Facility.Edge.Domain;

/// <summary>The monotonic and the wall clock, read together.</summary>
/// <param name="MonotonicNs">The kernel's CLOCK_MONOTONIC, which stamps the edges of pins.</param>
/// <param name="Wall">The wall clock at that moment.</param>
/// <param name="Synced">Whether the wall clock has been set since the device started.</param>
public readonly record struct ClockReading(long MonotonicNs, DateTimeOffset Wall, bool Synced)
{
    /// <summary>The wall time of a moment on the monotonic clock, by this reading. Milliseconds, as on the wire.</summary>
    public DateTimeOffset ToWall(long monotonicNs)
    {
        var wall = Wall.AddTicks((monotonicNs - MonotonicNs) / 100);
        return wall.AddTicks(-(wall.Ticks % TimeSpan.TicksPerMillisecond));
    }
}
