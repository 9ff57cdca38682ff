namespace Facility.Tests.Integration.Faults;

/// <summary>Another time of day for a process, by libfaketime. Its monotonic clock, which timers run on, stays the real one.</summary>
internal static class FalseTime
{
    private static readonly string? Library = Directory.Exists("/usr/lib")
        ? Directory.EnumerateDirectories("/usr/lib").Append("/usr/lib").Select(d => Path.Combine(d, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists)
        : null;

    public static bool IsHere => Library is not null;

    /// <summary>The environment of a process whose clock is off by so much.</summary>
    public static IReadOnlyDictionary<string, string> Off(TimeSpan error) => error == TimeSpan.Zero || Library is null
        ? new Dictionary<string, string>()
        : new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Library,
            ["FAKETIME"] = $"{(error < TimeSpan.Zero ? "-" : "+")}{Math.Abs((long)error.TotalSeconds)}s",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
            ["DONT_FAKE_MONOTONIC"] = "1",
        };
}
