using System.Diagnostics;
using Facility.Benchmarks.Load;
using Facility.Benchmarks.Machines;
using Facility.Server.Adapters;
using Facility.Server.Ports;
using Facility.Tests.Programs;

namespace Facility.Benchmarks.Sections;

/// <summary>
/// 100,000 events of 50 devices at QoS 1 through mosquitto into InfluxDB. Each receiver has a fresh broker and a fresh InfluxDB,
/// is warmed up first, with 200,000 events one by one and 1,000,000 in batches, and then measured; the clock stops when all events are found by a query, and for
/// ours are acknowledged too.
/// </summary>
internal static class Ingest
{
    private const int Sites = 5;
    private const int DevicesPerSite = 10;

    public static async Task RunAsync(Options options)
    {
        var rows = new List<Row>();
        foreach (var perMessage in (int[])[1, 100])
        {
            rows.Add(await ReceiverAsync(options, perMessage, bench => new OurServer(bench, Sites, DevicesPerSite)));
            if (options.OnlyOurs)
            {
                continue;
            }

            rows.Add(await ReceiverAsync(options, perMessage, NodePeer.NodeRed));
            rows.Add(await ReceiverAsync(options, perMessage, NodePeer.Bare));
            rows.Add(await SubscriberAsync(options, perMessage));
        }

        if (!options.OnlyOurs)
        {
            rows.Add(await InfluxAsync(options));
        }

        var ours = rows.Where(r => r.Name == "Facility").ToDictionary(r => r.PerMessage);
        Tables.Write("100,000 events, 50 devices, QoS 1, into InfluxDB",
            ["receiver", "events in a message", "events/s", "of the slowest to the fastest run", "ours is", "processor time an event", "RSS"],
            rows.Select(r => (IReadOnlyList<string>)
            [
                r.Name, r.PerMessage == 0 ? "5,000 points" : $"{r.PerMessage}", Tables.Number(r.Median), $"{Tables.Number(r.Rates.Min())} to {Tables.Number(r.Rates.Max())}",
                r.Name == "Facility" ? "" : $"{Tables.Number(ours[r.PerMessage == 0 ? 100 : r.PerMessage].Median / r.Median, "0.00")} ×",
                double.IsNaN(r.MicrosecondsCpu) ? "" : $"{Tables.Number(r.MicrosecondsCpu, "0.0")} µs", double.IsNaN(r.Rss) ? "" : $"{Tables.Number(r.Rss)} MB",
            ]));
    }

    private static async Task<Row> ReceiverAsync(Options options, int perMessage, Func<Bench, IReceiver> make)
    {
        await using var bench = await Bench.StartAsync();
        await using var receiver = make(bench);
        await receiver.StartAsync();
        using var fleet = new Fleet(bench.MqttPort, new FleetPlan(Sites, DevicesPerSite, perMessage, receiver.Acknowledges));
        var each = options.Scaled(100_000) / fleet.Devices.Count;
        for (var warmUp = 0; warmUp < (perMessage == 1 ? 2 : 10); warmUp++)
        {
            await SendAsync(fleet, receiver, each);
        }

        var (rates, cpu) = (new List<double>(), receiver.Process.CpuSeconds);
        for (var run = 0; run < options.Runs; run++)
        {
            rates.Add(fleet.Devices.Count * each / await SendAsync(fleet, receiver, each));
            Tables.Progress($"{receiver.Name}, {perMessage} in a message: {rates[^1]:#,0} events/s{(fleet.SentAgain > 0 ? $", {fleet.SentAgain} messages sent again" : "")}");
        }

        cpu = (receiver.Process.CpuSeconds - cpu) / (options.Runs * fleet.Devices.Count * each);
        return new Row(receiver.Name, perMessage, rates, cpu * 1e6, receiver.Process.PeakRssMegabytes);
    }

    private static async Task<double> SendAsync(Fleet fleet, IReceiver receiver, int each)
    {
        // Later than anything of the burst before, so that asking counts these alone.
        await Task.Delay(5);
        var (start, expected) = (DateTimeOffset.UtcNow, (long)each * fleet.Devices.Count);
        var clock = Stopwatch.StartNew();
        fleet.Burst(each);
        await fleet.UntilDoneAsync(TimeSpan.FromMinutes(2));
        var sent = clock.Elapsed;
        var asked = Stopwatch.StartNew();
        while (await receiver.StoredAsync(start) is var stored && stored < expected)
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(2))
            {
                throw new TimeoutException($"{receiver.Name} stored {stored} of {expected} events");
            }

            // Asking is work for InfluxDB: it must not be what is measured.
            await Task.Delay(TimeSpan.FromMilliseconds(20) + (asked.Elapsed * 4));
            asked.Restart();
        }

        Tables.Progress($"   {receiver.Name}: devices done after {sent.TotalSeconds:0.00} s, queryable after {clock.Elapsed.TotalSeconds:0.00} s");
        return clock.Elapsed.TotalSeconds;
    }

    // What the broker can give to one subscriber at all, and with it the ceiling of the load generator.
    private static async Task<Row> SubscriberAsync(Options options, int perMessage)
    {
        await using var bench = await Bench.StartAsync();
        var rates = new List<double>();
        for (var run = 0; run < options.Runs; run++)
        {
            using var fleet = new Fleet(bench.MqttPort, new FleetPlan(Sites, DevicesPerSite, perMessage, Acknowledged: false));
            var each = options.Scaled(100_000) / fleet.Devices.Count;
            var messages = fleet.Devices.Count * each / perMessage;
            var known = bench.Subscriptions("sub");
            await using var subscriber = new ChildProcess(new("sh", ["-c", $"exec mosquitto_sub -i sub -q 1 -p {bench.MqttPort} -t facility/v1/+/+/events -C {messages} > /dev/null"]));
            await subscriber.UntilAsync("mosquitto_sub", () => Task.FromResult(bench.Subscriptions("sub") > known), TimeSpan.FromSeconds(10));
            var clock = Stopwatch.StartNew();
            fleet.Burst(each);
            await subscriber.Process.WaitForExitAsync();
            rates.Add(messages * perMessage / clock.Elapsed.TotalSeconds);
            Tables.Progress($"mosquitto_sub, {perMessage} in a message: {rates[^1]:#,0} events/s");
        }

        return new Row("mosquitto_sub alone", perMessage, rates, double.NaN, double.NaN);
    }

    private static async Task<Row> InfluxAsync(Options options)
    {
        await using var bench = await Bench.StartAsync();
        using var store = new InfluxSeriesStore(new InfluxOptions(bench.InfluxUrl), new Refusing());
        await store.PrepareAsync(CancellationToken.None);
        var rates = new List<double>();
        var (stream, seq) = (Guid.NewGuid(), 0L);
        for (var run = -1; run < options.Runs; run++)
        {
            var start = DateTimeOffset.UtcNow.AddHours(-2 - run);
            var points = Enumerable.Range(0, options.Scaled(200_000)).Select(i => new EventPoint(
                Fleet.SiteName(i % Sites), Fleet.DeviceName(i % Sites, i / Sites % DevicesPerSite), stream, ++seq, start.AddMilliseconds(i / 50),
                Fleet.DeviceName(i % Sites, i / Sites % DevicesPerSite) + "-door", "passage", 1, "main", true)).ToList();
            var clock = Stopwatch.StartNew();
            foreach (var some in points.Chunk(5000))
            {
                await store.WriteAsync(some, [], CancellationToken.None);
            }

            if (run >= 0)
            {
                rates.Add(points.Count / clock.Elapsed.TotalSeconds);
                Tables.Progress($"InfluxDB alone: {rates[^1]:#,0} points/s");
            }
        }

        return new Row("InfluxDB alone, our client", 0, rates, double.NaN, double.NaN);
    }

    private sealed record Row(string Name, int PerMessage, IReadOnlyList<double> Rates, double MicrosecondsCpu, double Rss)
    {
        public double Median => Tables.Median(Rates);
    }

    private sealed class Refusing : IUnwritable
    {
        public long Count => 0;

        public void SetAside(string point, string reason) => throw new InvalidOperationException($"{reason}: {point}");
    }
}
