using Facility.Benchmarks.Load;
using Facility.Benchmarks.Machines;

namespace Facility.Benchmarks.Sections;

/// <summary>500 events/s, one in a message, of 50 devices: how long until people see it, the device knows it, and a query finds it.</summary>
internal static class Latency
{
    private const int Sites = 50;
    private const int PerSecond = 500;

    public static async Task RunAsync(Options options)
    {
        await using var bench = await Bench.StartAsync();
        await using var server = new OurServer(bench, Sites, 1);
        await server.StartAsync();
        using var fleet = new Fleet(bench.MqttPort, new FleetPlan(Sites, 1, 1, Acknowledged: true, Drains: false));
        var (acks, shown, found) = (new Stopwatches(), new Stopwatches(), new Stopwatches());
        fleet.OnAck = acks.Stop;
        await using var hub = await HubClient.ConnectAsync(server.Url, Enumerable.Range(0, Sites).Select(Fleet.SiteName), shown.Shown(fleet));

        var warmUp = TimeSpan.FromSeconds(options.Scaled(20));
        var length = TimeSpan.FromSeconds(options.Scaled(60));
        var load = Pacer.RunAsync(PerSecond, warmUp + length, n => fleet.One((int)(n % Sites)));
        await Task.Delay(warmUp);
        acks.TakeAll();
        shown.TakeAll();
        var cpu = server.Process.CpuSeconds;
        Tables.Progress($"measuring for {length.TotalSeconds:0} s");
        for (var i = 0; !load.IsCompleted; i++)
        {
            await ProbeAsync(server, fleet.Devices[i % Sites], found, load);
        }

        await load;
        cpu = (server.Process.CpuSeconds - cpu) / length.TotalSeconds;
        await fleet.UntilDoneAsync(TimeSpan.FromSeconds(30));
        Tables.Write("500 events/s, one in a message, on disk included", ["from publishing to", "p50", "p99", "wanted of p99", "samples"],
        [
            Row("a client of the live hub", shown, "20 ms"), Row("its acknowledgement", acks, "20 ms"), Row("a query of InfluxDB that finds it", found, "250 ms"),
        ]);
        Console.WriteLine(FormattableString.Invariant($"\nThe server: {server.Process.RssMegabytes:0} MB RSS (at most {server.Process.PeakRssMegabytes:0}; wanted 200), {cpu * 100:0}% of a core."));
    }

    // The newest event of a device, asked for until it is there.
    private static async Task ProbeAsync(OurServer server, Device device, Stopwatches found, Task load)
    {
        var seq = device.Made;
        while (await server.StoredAsync(device.Stream) < seq && !load.IsCompleted)
        {
            await Task.Delay(5);
        }

        if (!load.IsCompleted)
        {
            found.Stop(device, seq);
        }

        await Task.Delay(50);
    }

    private static string[] Row(string what, Stopwatches times, string wanted) =>
    [
        what, $"{Tables.Number(Tables.Percentile(times.Taken, 0.5), "0.0")} ms", $"{Tables.Number(Tables.Percentile(times.Taken, 0.99), "0.0")} ms", wanted, Tables.Number(times.Taken.Count),
    ];
}
