using System.Runtime.InteropServices;
using Facility.Edge.Domain;
using Facility.Edge.Ports;

namespace Facility.Edge.Adapters;

/// <summary>The kernel's clocks. On Linux <see cref="TimeProvider.GetTimestamp"/> is CLOCK_MONOTONIC, which also stamps GPIO edges.</summary>
internal sealed partial class SystemClock(TimeProvider time, bool alwaysSynced) : IEdgeClock
{
    private const int TimeError = 5;

    public ClockReading Read()
    {
        var (monotonic, wall) = ReadTogether();
        return new ClockReading(monotonic, wall, alwaysSynced || IsSynced());
    }

    // A pause between the two clocks would be in every time that is made of them: of a few tries the shortest counts.
    private (long MonotonicNs, DateTimeOffset Wall) ReadTogether()
    {
        (long Took, long MonotonicNs, DateTimeOffset Wall) best = (long.MaxValue, 0, default);
        for (var i = 0; i < 5 && best.Took > 100_000; i++)
        {
            var (before, wall) = (MonotonicNs, time.GetUtcNow());
            var took = MonotonicNs - before;
            best = took < best.Took ? (took, before, wall) : best;
        }

        return (best.MonotonicNs, best.Wall);
    }

    private long MonotonicNs => (long)((Int128)time.GetTimestamp() * 1_000_000_000 / time.TimestampFrequency);

    // adjtimex(2) with no modes only reads; it returns TIME_ERROR while the clock is not synchronized.
    private static bool IsSynced()
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        Span<byte> timex = stackalloc byte[512];
        timex.Clear();
        return Adjtimex(ref MemoryMarshal.GetReference(timex)) != TimeError;
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static partial int Adjtimex(ref byte timex);
}
