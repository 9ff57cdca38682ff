namespace Facility.Benchmarks.Sections;

internal static class Latency
{
    public static Task RunAsync(Options options) => throw new TimeoutException("Latency");
}
