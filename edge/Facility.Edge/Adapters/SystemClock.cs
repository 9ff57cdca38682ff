using System.Runtime.InteropServices;
using Facility.Edge.Domain;
using Facility.Edge.Ports;

namespace Facility.Edge.Adapters;

/// <summary>
/// The kernel's clocks. On Linux <see cref="TimeProvider.GetTimestamp"/> is CLOCK_MONOTONIC, which also stamps GPIO edges.
/// </summary>
/// <remarks>
/// A clock counts as set once the kernel says so (adjtimex, whoever sets it) or systemd-timesyncd has left its mark of this
/// boot. It then stays set: nine hours without a network the kernel takes its word back, though the clock drifts by seconds a week.
/// </remarks>
internal sealed partial class SystemClock(TimeProvider time, bool alwaysSynced) : IEdgeClock
{
    private const int TimeError = 5;
    private const string TimesyncMark = "/run/systemd/timesync/synchronized";
    private const string BootFile = "/proc/sys/kernel/random/boot_id";
    private volatile bool _synced = alwaysSynced;

    /// <summary>Names the run of the monotonic clock: another after every boot.</summary>
    public static string BootId { get; } = File.Exists(BootFile) ? File.ReadAllText(BootFile).Trim() : Guid.NewGuid().ToString();

    public ClockReading Read()
    {
        // First: a clock that is set between the two must not pass for set with the time of before.
        var synced = _synced = _synced || IsSynced();
        var (monotonic, wall) = ReadTogether();
        return new ClockReading(monotonic, wall, synced);
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

    // adjtimex(2) with no modes only reads; it returns TIME_ERROR while the clock is not synchronized, and -1 where it is not allowed.
    private static bool IsSynced()
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }

        Span<byte> timex = stackalloc byte[512];
        timex.Clear();
        return Adjtimex(ref MemoryMarshal.GetReference(timex)) is >= 0 and not TimeError || File.Exists(TimesyncMark);
    }

    [LibraryImport("libc", EntryPoint = "adjtimex")]
    private static partial int Adjtimex(ref byte timex);
}
