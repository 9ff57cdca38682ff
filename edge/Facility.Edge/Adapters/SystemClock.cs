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
        var monotonic = (long)((Int128)time.GetTimestamp() * 1_000_000_000 / time.TimestampFrequency);
        return new ClockReading(monotonic, time.GetUtcNow(), alwaysSynced || IsSynced());
    }

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
