using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Facility.Benchmarks.Load;
using Facility.Benchmarks.Machines;
using Facility.Tests.Programs;

namespace Facility.Benchmarks.Sections;

/// <summary>
/// A thousand calls for help: from the publishing of a button's event to the provider's being called (a webhook in this process), and
/// after the server was killed between two steps, to the call of the next.
/// </summary>
internal static class Alarm
{
    private const int Sites = 50;
    private const int PerSite = 21;
    private const int WarmUp = 50;
    private const int PerSecond = 20;

    public static async Task RunAsync(Options options)
    {
        await using var bench = await Bench.StartAsync();
        var port = Here.FreePort();
        await File.WriteAllTextAsync(bench["secret"], "whsec_" + Convert.ToBase64String(new byte[32]));
        await File.WriteAllTextAsync(bench["on-call.json"], $$"""
            {"people":[{"id":"anna","name":"Anna","channels":[{"kind":"webhook","address":"http://127.0.0.1:{{port}}/"}]}],
             "rosters":[{"id":"piket","name":"Piket","rotations":[{"from":"2026-01-05","people":["anna"]}]}],
             "policies":[{"severity":"urgent","repeat":600,"steps":[{"notify":["roster:piket"],"after":1},{"notify":["roster:piket"],"after":600}]},
                         {"severity":"normal","repeat":600,"steps":[{"notify":["roster:piket"],"after":600}]}]}
            """);
        await using var server = new OurServer(bench, Sites, PerSite, ["--on-call", bench["on-call.json"], "--webhook-secret-file", bench["secret"]]);
        await server.StartAsync();
        using var fleet = new Fleet(bench.MqttPort, new FleetPlan(Sites, PerSite, 1, Acknowledged: true, Urgent: true));
        var devices = fleet.Devices.ToDictionary(d => d.Sensor);
        var called = new ConcurrentQueue<(Device Device, long At)>();
        using var provider = new HttpListener { Prefixes = { $"http://127.0.0.1:{port}/" } };
        provider.Start();
        _ = Task.Run(() => AnswerAsync(provider, incident => called.Enqueue((devices[incident.Split('.')[2]], Stopwatch.GetTimestamp()))));

        var count = WarmUp + (int)options.Scaled(Sites * PerSite - WarmUp);
        Tables.Progress($"{count} buttons, {PerSecond} a second");
        await Pacer.RunAsync(PerSecond, TimeSpan.FromSeconds((double)count / PerSecond), n => fleet.One((int)n));
        var first = await FirstAsync(called, fleet, WarmUp, count);

        // A minute after its first call the next one of each is due: the server is killed before, and started after.
        await server.Process.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(65));
        called.Clear();
        var clock = Stopwatch.StartNew();
        await server.StartAsync();
        var ready = clock.Elapsed;
        while (called.IsEmpty && clock.Elapsed < TimeSpan.FromMinutes(1))
        {
            await Task.Delay(10);
        }

        Tables.Write($"{first.Count} calls for help, {PerSecond} a second", ["from", "p50", "p99", "wanted"],
        [
            ["the button's event published, to the provider called", Ms(first, 0.5), Ms(first, 0.99), "p99 2 s"],
            ["the server started again (ready after " + Tables.Number(ready.TotalSeconds, "0.0") + " s), to the next step's first call", $"{Tables.Number(clock.Elapsed.TotalSeconds, "0.0")} s", "", "5 s"],
        ]);
    }

    private static string Ms(IReadOnlyCollection<double> taken, double part) => $"{Tables.Number(Tables.Percentile(taken, part))} ms";

    // What came of each button first, once all have been called.
    private static async Task<List<double>> FirstAsync(ConcurrentQueue<(Device Device, long At)> called, Fleet fleet, int from, int to)
    {
        var limit = Stopwatch.StartNew();
        var wanted = fleet.Devices.Take(to).ToHashSet();
        while (called.Select(c => c.Device).Distinct().Count() < wanted.Count)
        {
            if (limit.Elapsed > TimeSpan.FromSeconds(60))
            {
                throw new TimeoutException($"of {wanted.Count} buttons {called.Select(c => c.Device).Distinct().Count()} were told to the provider");
            }

            await Task.Delay(50);
        }

        var measured = fleet.Devices.Skip(from).Take(to - from).ToHashSet();
        return [.. called.Where(c => measured.Contains(c.Device)).DistinctBy(c => c.Device).Select(c => Stopwatch.GetElapsedTime(c.Device.PublishedAt(1)!.Value, c.At).TotalMilliseconds)];
    }

    private static async Task AnswerAsync(HttpListener provider, Action<string> incident)
    {
        while (provider.IsListening)
        {
            var call = await provider.GetContextAsync();
            using var body = await JsonDocument.ParseAsync(call.Request.InputStream);
            if (body.RootElement.GetProperty("data").GetProperty("incident").GetString() is { } about)
            {
                incident(about);
            }

            call.Response.Close();
        }
    }
}
