using System.Diagnostics;
using Facility.Benchmarks.Load;
using Facility.Benchmarks.Machines;

namespace Facility.Benchmarks.Sections;

/// <summary>What an event costs the server with ever more sites: 50,000 events, one in a message, spread over all of them.</summary>
internal static class Sites
{
    public static async Task RunAsync(Options options)
    {
        var rows = new List<string[]>();
        double? first = null;
        foreach (var sites in (int[])[5, 50, 500, 5000])
        {
            var perSite = Math.Max(1, 50 / sites);
            await using var bench = await Bench.StartAsync();
            await using var server = new OurServer(bench, sites, perSite);
            await server.StartAsync();
            using var fleet = new Fleet(bench.MqttPort, new FleetPlan(sites, perSite, 1, Acknowledged: true));
            var each = Math.Max(1, options.Scaled(50_000) / fleet.Devices.Count);
            await RoundAsync(fleet, server, each);
            var (cpu, clock) = (server.Process.CpuSeconds, Stopwatch.StartNew());
            await RoundAsync(fleet, server, each);
            var events = each * fleet.Devices.Count;
            cpu = (server.Process.CpuSeconds - cpu) / events * 1e6;
            first ??= cpu;
            Tables.Progress($"{sites} sites: {cpu:0.0} µs an event, {events / clock.Elapsed.TotalSeconds:#,0} events/s");
            rows.Add([Tables.Number(sites), $"{Tables.Number(cpu, "0.0")} µs", $"{Tables.Number(cpu / first.Value, "0.00")} ×", Tables.Number(events / clock.Elapsed.TotalSeconds), $"{Tables.Number(server.Process.PeakRssMegabytes)} MB"]);
        }

        Tables.Write("What an event costs, by sites", ["sites", "processor time of the server an event", "to 5 sites", "events/s", "RSS at most"], rows);
    }

    private static async Task RoundAsync(Fleet fleet, OurServer server, int each)
    {
        fleet.Burst(each);
        await fleet.UntilDoneAsync(TimeSpan.FromMinutes(3));
        var clock = Stopwatch.StartNew();
        while (await server.StoredAsync() < fleet.Made)
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(2))
            {
                throw new TimeoutException("InfluxDB has not all events");
            }

            await Task.Delay(20);
        }
    }
}
