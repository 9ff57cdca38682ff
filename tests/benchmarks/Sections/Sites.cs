namespace Facility.Benchmarks.Sections;

internal static class Sites
{
    public static Task RunAsync(Options options) => throw new TimeoutException("Sites");
}
