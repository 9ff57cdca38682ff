using System.Diagnostics;
using Facility.Contracts.Mqtt;
using Facility.Server.Adapters;
using Facility.Server.Pipeline;

namespace Facility.Tests.Integration.Faults;

/// <summary>
/// Nothing lost: devices send numbered events while whatever can fail does, at random instants. At the end journal and time series
/// hold exactly what was made, and the live occupancy is that of a replay of the journal. <c>./test faults --help</c> says how to run it longer.
/// </summary>
public sealed class FaultSuite
{
    private static readonly TimeSpan Drain = TimeSpan.FromMinutes(4);

    [Theory]
    [InlineData("influx")]
    [InlineData("embedded")]
    public async Task Whatever_fails_every_event_is_stored_once(string store)
    {
        Assert.SkipWhen(FaultPlan.OnlyStore is { } only && only != store, $"--store {FaultPlan.OnlyStore} was asked for");
        var plan = FaultPlan.FromEnvironment();
        var clock = Stopwatch.StartNew();
        Say($"seed {plan.Seed}, store {store}, {(plan.Kills > 0 ? $"{plan.Kills} kills and {plan.Events:N0} events" : $"{plan.Length.TotalSeconds:0} s")}");
        await using var fleet = await Fleet.StartAsync(store == "influx", plan);
        if (fleet.Server.Disk is null)
        {
            Say("left out: a disk that fills (a small one can be mounted by root only)");
        }

        if (!FalseTime.IsHere)
        {
            Say("left out: a server's clock that jumps (libfaketime is not installed)");
        }

        using var chaos = new Chaos(fleet, plan);
        try
        {
            await FireAsync(fleet, chaos, plan, clock);
            await DrainAsync(fleet, clock);
            await JudgeAsync(fleet, chaos, clock);
        }
        catch (Exception e)
        {
            Say($"seed {plan.Seed} failed after {clock.Elapsed.TotalSeconds:0} s: {e.Message}\n{string.Join('\n', fleet.Problems.Take(20))}\n{fleet.LastWords(40)}");
            throw;
        }

        Say($"seed {plan.Seed}: passed in {clock.Elapsed.TotalSeconds:0} s");
    }

    private static void Say(string what)
    {
        Console.Error.WriteLine($"faults: {what}");
        TestContext.Current.TestOutputHelper?.WriteLine(what);
    }

    private static async Task FireAsync(Fleet fleet, Chaos chaos, FaultPlan plan, Stopwatch clock)
    {
        using var end = new CancellationTokenSource();
        var parts = new[] { chaos.RunAsync(end.Token), fleet.MakeAsync(plan, chaos, end.Token) };
        var (started, told) = (clock.Elapsed, clock.Elapsed);
        while (!plan.IsOver(clock.Elapsed - started, chaos.Kills, fleet.Made) && Array.TrueForAll(parts, p => !p.IsCompleted))
        {
            await Task.Delay(200);
            if (clock.Elapsed - told > TimeSpan.FromSeconds(5))
            {
                told = clock.Elapsed;
                Say($"{told.TotalSeconds,5:0} s  kills {chaos.Kills,4}  made {fleet.Made,9:N0}  not acknowledged {fleet.Waiting,7:N0}  problems {fleet.Problems.Count}");
            }
        }

        await end.CancelAsync();
        await Task.WhenAll(parts);
        Say($"faults end after {clock.Elapsed.TotalSeconds:0} s: {string.Join(", ", chaos.Counts)}");
    }

    // All at rest: the devices send what is left, the followers take it.
    private static async Task DrainAsync(Fleet fleet, Stopwatch clock)
    {
        await fleet.UntilReadyAsync();
        var draining = Stopwatch.StartNew();
        long lag;
        NumberedDevice? behind;
        do
        {
            await Task.Delay(500);
            behind = null;
            foreach (var device in fleet.Devices)
            {
                behind = await fleet.HasAllAsync(device) ? behind : device;
            }

            lag = (await fleet.Server.DevicesAsync()).SelectMany(d => d.Streams).Sum(s => s.Lag);
            if (draining.Elapsed > Drain)
            {
                throw new TimeoutException(
                    $"{fleet.Waiting} events are not acknowledged, {lag} not followed, the server has not all of {behind?.Site ?? "none"}, {Drain.TotalSeconds:0} s after the last fault");
            }
        }
        while (fleet.Waiting > 0 || lag > 0 || behind is not null);

        foreach (var edge in fleet.Edges)
        {
            while (!await fleet.HasAllAsync(edge, TimeSpan.FromSeconds(20)))
            {
                if (draining.Elapsed > Drain)
                {
                    throw new TimeoutException($"the server has not all of the edge of {edge.Site}");
                }
            }
        }

        while ((await fleet.Server.DevicesAsync()).SelectMany(d => d.Streams).Any(s => s.Lag > 0))
        {
            await Task.Delay(200);
        }

        Say($"all is acknowledged and followed {draining.Elapsed.TotalSeconds:0} s after the last fault ({clock.Elapsed.TotalSeconds:0} s)");
    }

    private static async Task JudgeAsync(Fleet fleet, Chaos chaos, Stopwatch clock)
    {
        MadeStream[] made = [.. fleet.Devices.SelectMany(d => d.Streams), .. fleet.Edges.SelectMany(e => e.Streams())];
        await PassagesAsync(fleet, made);
        var faulty = (await fleet.Server.DevicesAsync()).Where(d => d.Faulty || d.Refused > 0 || d.Lost > 0 || d.SetAside > 0)
            .Select(d => $"{d.Device}: faulty {d.Faulty}, refused {d.Refused}, lost {d.Lost}, set aside {d.SetAside}").ToList();
        var code = await fleet.Server.StopAsync();
        var (journal, lost, aside) = Stored.Journal(fleet.Server.Data);
        var replay = Differ(fleet.Server.Data);
        var series = fleet.Influx is { } influx ? await Stored.InfluxAsync(influx.Real.Url, Fleet.Sites) : Stored.Embedded(fleet.Server.Data);
        Verdict[] verdicts = [Verdict.Of("journal", made, journal), Verdict.Of(fleet.Influx is null ? "series.db" : "InfluxDB", made, series)];
        foreach (var verdict in verdicts)
        {
            Say($"{verdict}");
        }

        Say($"{chaos.Kills} kills, {chaos.LostWithOutbox} events were never sent from a list that was put back; live occupancy is that of a replay: {(replay.Count == 0 ? "yes" : string.Join("; ", replay.Take(5)))} ({clock.Elapsed.TotalSeconds:0} s)");
        Assert.Empty(fleet.Problems);
        Assert.Empty(replay);
        Assert.Empty(faulty);
        Assert.All(verdicts, v => Assert.True(v.IsRight, v.ToString()));
        Assert.Equal((0, 0L, 0L), (code, lost, aside));
    }

    /// <summary>What the stopped server estimates of each site, where it is not what the journal gives up to the same entry and moment.</summary>
    private static List<string> Differ(string data)
    {
        using var store = new SqliteOccupancyStore(Path.Combine(data, "occupancy.db"));
        var last = store.Load()!;
        var (live, replay) = (new SiteEstimates(last.Sites, last.Snapshots, last.Clock), new SiteEstimates(last.Sites));
        foreach (var entry in Stored.Entries(data).TakeWhile(e => e.Id <= last.Cursor))
        {
            replay.Take(entry, [], []);
        }

        replay.AdvanceTo(last.Clock!.Value, []);
        return [.. last.Sites.Sites.SelectMany(s => live.Read(s.Id).Zip(replay.Read(s.Id)).Where(z => z.First != z.Second).Select(z => $"{s.Id}: {z.First}, replayed {z.Second}"))];
    }

    // As the API adds them up, of the days around today: clocks that were years off are not in it.
    private static async Task PassagesAsync(Fleet fleet, IReadOnlyList<MadeStream> made)
    {
        var now = DateTimeOffset.UtcNow;
        var (from, to) = (new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(-1), new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero).AddDays(2));
        foreach (var site in made.GroupBy(s => s.Site))
        {
            var passages = site.SelectMany(s => s.Events).Where(e => e.Kind == EventKinds.Passage && e.At >= from.ToUnixTimeMilliseconds() && e.At < to.ToUnixTimeMilliseconds()).ToList();
            var expected = ((long)passages.Where(e => e.Value > 0).Sum(e => e.Value), (long)-passages.Where(e => e.Value < 0).Sum(e => e.Value));
            var told = await fleet.Server.PassagesAsync(site.Key, from, to);
            if (told != expected)
            {
                fleet.Wrong($"{site.Key}: the API tells {told} persons in and out, made were {expected}");
            }
        }
    }
}
