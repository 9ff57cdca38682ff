namespace Facility.Benchmarks.Sections;

internal static class HubClients
{
    public static Task RunAsync(Options options) => throw new TimeoutException("HubClients");
}
