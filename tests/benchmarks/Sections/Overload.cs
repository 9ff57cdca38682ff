namespace Facility.Benchmarks.Sections;

internal static class Overload
{
    public static Task RunAsync(Options options) => throw new TimeoutException("Overload");
}
