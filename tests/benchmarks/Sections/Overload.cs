using System.Diagnostics;
using Facility.Benchmarks.Load;
using Facility.Benchmarks.Machines;

namespace Facility.Benchmarks.Sections;

/// <summary>
/// Ten times the devices of the other sections, each sending one event in a message as fast as it may for 60 s, which is more than any
/// receiver takes; ten devices send an urgent event ten times a second all the while.
/// </summary>
internal static class Overload
{
    private const int Sites = 50;

    public static async Task RunAsync(Options options)
    {
        await using var bench = await Bench.StartAsync();
        await using var server = new OurServer(bench, Sites, 10);
        await server.StartAsync();
        using var ordinary = new Fleet(bench.MqttPort, new FleetPlan(Sites, 10, 1, Acknowledged: true));
        using var urgent = new Fleet(bench.MqttPort, new FleetPlan(10, 1, 1, Acknowledged: true, Urgent: true));
        var (alarms, acks) = (new Stopwatches(), new Stopwatches());
        urgent.OnAck = alarms.Stop;
        ordinary.OnAck = acks.Stop;
        for (var device = 0; device < ordinary.Devices.Count; device++)
        {
            ordinary.One(device);
        }

        await ordinary.UntilDoneAsync(TimeSpan.FromSeconds(30));
        var length = TimeSpan.FromSeconds(options.Scaled(60));
        var alarming = Pacer.RunAsync(100, length, n => urgent.One((int)(n % 10)));
        ordinary.OnAck = null;
        var before = ordinary.Acknowledged;
        ordinary.Burst(1_000_000);
        Tables.Progress($"500 devices flat out for {length.TotalSeconds:0} s");
        await alarming;
        var taken = (ordinary.Acknowledged - before) / length.TotalSeconds;
        ordinary.Stop();
        var clock = Stopwatch.StartNew();
        await ordinary.UntilDoneAsync(TimeSpan.FromMinutes(2));
        var drained = clock.Elapsed;
        await urgent.UntilDoneAsync(TimeSpan.FromMinutes(2));
        ordinary.OnAck = acks.Stop;
        var calm = await CalmAsync(ordinary, acks, clock);
        while (await server.StoredAsync() < ordinary.Made + urgent.Made && clock.Elapsed < TimeSpan.FromMinutes(5))
        {
            await Task.Delay(200);
        }

        var lost = ordinary.Made + urgent.Made - await server.StoredAsync();
        Tables.Write("Ten times the devices, flat out for 60 s", ["what", "measured", "wanted"],
        [
            ["events/s taken", Tables.Number(taken), ""],
            ["urgent events, publish to acknowledgement, p99", $"{Tables.Number(Tables.Percentile(alarms.Taken, 0.99))} ms of {Tables.Number(alarms.Taken.Count)}", "2,000 ms"],
            ["all acknowledged after its end", $"{drained.TotalSeconds:0.0} s", ""],
            ["normal again (p99 within 50 ms for a second at 500 events/s) after its end", $"{calm.TotalSeconds:0.0} s", "10 s"],
            ["memory of the server, at most", $"{Tables.Number(server.Process.PeakRssMegabytes)} MB", "bounded"],
            ["events lost", Tables.Number(lost), "0"],
        ]);
    }

    private static async Task<TimeSpan> CalmAsync(Fleet fleet, Stopwatches acks, Stopwatch clock)
    {
        while (clock.Elapsed < TimeSpan.FromMinutes(2))
        {
            acks.TakeAll();
            await Pacer.RunAsync(500, TimeSpan.FromSeconds(1), n => fleet.One((int)(n % fleet.Devices.Count)));
            if (Tables.Percentile(acks.TakeAll(), 0.99) <= 50)
            {
                break;
            }
        }

        return clock.Elapsed;
    }
}
