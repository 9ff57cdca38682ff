using Facility.Benchmarks.Load;
using Facility.Benchmarks.Machines;

namespace Facility.Benchmarks.Sections;

/// <summary>What is gone after a burst through a broker with its default queue, and after a receiver was killed for 5 s.</summary>
internal static class Loss
{
    private const int DefaultQueue = 1000;
    private const int Sites = 5;
    private const int DevicesPerSite = 10;

    public static async Task RunAsync(Options options)
    {
        Func<Bench, IReceiver>[] receivers = [bench => new OurServer(bench, Sites, DevicesPerSite), NodePeer.NodeRed, NodePeer.Bare];
        var rows = new List<IReadOnlyList<string>>();
        foreach (var make in receivers[..(options.OnlyOurs ? 1 : 3)])
        {
            var burst = await BurstAsync(options, make);
            var killed = await KilledAsync(make);
            rows.Add([burst.Name, $"{Tables.Number(burst.Lost)} of {Tables.Number(burst.Made)}", Tables.Number(burst.LiveError), $"{Tables.Number(killed.Lost)} of {Tables.Number(killed.Made)}", Tables.Number(killed.LiveError)]);
        }

        Tables.Write("Events lost, and persons by which the live count is wrong",
            ["receiver", "burst, default queue: lost", "live count off by", "killed for 5 s at 500 events/s: lost", "live count off by"], rows);
    }

    private static async Task<Outcome> BurstAsync(Options options, Func<Bench, IReceiver> make)
    {
        await using var bench = await Bench.StartAsync(DefaultQueue);
        await using var receiver = make(bench);
        await receiver.StartAsync();
        using var fleet = new Fleet(bench.MqttPort, new FleetPlan(Sites, DevicesPerSite, 1, receiver.Acknowledges));
        Tables.Progress($"{receiver.Name}: a burst through the default queue");
        fleet.Burst(options.Scaled(100_000) / fleet.Devices.Count);
        await fleet.UntilDoneAsync(TimeSpan.FromMinutes(3));
        return await OutcomeAsync(fleet, receiver);
    }

    private static async Task<Outcome> KilledAsync(Func<Bench, IReceiver> make)
    {
        await using var bench = await Bench.StartAsync();
        await using var receiver = make(bench);
        await receiver.StartAsync();
        using var fleet = new Fleet(bench.MqttPort, new FleetPlan(Sites, DevicesPerSite, 1, receiver.Acknowledges));
        Tables.Progress($"{receiver.Name}: killed for 5 s at 500 events/s");
        var load = Pacer.RunAsync(500, TimeSpan.FromSeconds(20), n => fleet.One((int)(n % fleet.Devices.Count)));
        await Task.Delay(TimeSpan.FromSeconds(5));
        await receiver.Process.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(5));
        await receiver.StartAsync();
        await load;
        await fleet.UntilDoneAsync(TimeSpan.FromMinutes(2));
        return await OutcomeAsync(fleet, receiver);
    }

    // A peer tells no one that it is done: it is when its count has not moved for 3 s.
    private static async Task<Outcome> OutcomeAsync(Fleet fleet, IReceiver receiver)
    {
        var (stored, live, since) = (-1L, -1L, DateTime.UtcNow);
        while (DateTime.UtcNow - since < TimeSpan.FromSeconds(3))
        {
            var (nowStored, nowLive) = (await receiver.StoredAsync(), await receiver.LiveAsync());
            since = (nowStored, nowLive) == (stored, live) ? since : DateTime.UtcNow;
            (stored, live) = (nowStored, nowLive);
            await Task.Delay(200);
        }

        Tables.Progress($"   {receiver.Name}: {stored} of {fleet.Made} stored, live {live} of {fleet.Net}, {fleet.SentAgain} messages sent again");
        return new Outcome(receiver.Name, fleet.Made, fleet.Made - stored, Math.Abs(fleet.Net - live));
    }

    private sealed record Outcome(string Name, long Made, long Lost, long LiveError);
}
