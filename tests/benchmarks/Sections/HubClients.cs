using System.Diagnostics;
using System.Net.NetworkInformation;
using Facility.Benchmarks.Load;
using Facility.Benchmarks.Machines;

namespace Facility.Benchmarks.Sections;

/// <summary>500 clients of the live hub at 10 changes/s; 50 of them ask for all there is and never read.</summary>
internal static class HubClients
{
    private const int Sites = 500;
    private const int Watched = 5;
    private const int Healthy = 450;
    private const int Stalled = 50;

    public static async Task RunAsync(Options options)
    {
        await using var bench = await Bench.StartAsync();
        await using var server = new OurServer(bench, Sites, 1);
        await server.StartAsync();
        using var fleet = new Fleet(bench.MqttPort, new FleetPlan(Sites, 1, 1, Acknowledged: true, Drains: false));
        var times = new Stopwatches();
        fleet.OnAck = (_, _) => { };
        var clients = new List<HubClient>();
        try
        {
            for (var i = 0; i < Healthy; i++)
            {
                clients.Add(await HubClient.ConnectAsync(server.Url, Enumerable.Range(0, Watched).Select(Fleet.SiteName), times.Shown(fleet)));
            }

            await Pacer.RunAsync(10, TimeSpan.FromSeconds(options.Scaled(20)), n => fleet.One((int)(n % Watched)));
            var alone = Tables.Percentile(times.TakeAll(), 0.99);
            var before = server.Process.RssMegabytes;
            Tables.Progress($"{Healthy} clients; now {Stalled} stalled ones");
            var (clock, unstalled) = (Stopwatch.StartNew(), Connections(server.Port));
            for (var i = 0; i < Stalled; i++)
            {
                clients.Add(await HubClient.ConnectAsync(server.Url, Enumerable.Range(0, Sites).Select(Fleet.SiteName), null));
            }

            var load = Pacer.RunAsync(10, TimeSpan.FromSeconds(options.Scaled(40)), n => fleet.One((int)(n % Watched)));
            var (peak, cut) = (before, TimeSpan.Zero);
            while (!load.IsCompleted)
            {
                await Task.Delay(250);
                peak = Math.Max(peak, server.Process.RssMegabytes);
                cut = cut == TimeSpan.Zero && Connections(server.Port) <= unstalled ? clock.Elapsed : cut;
            }

            await load;
            Tables.Write("500 clients of the live hub, 10 changes/s", ["what", "measured", "wanted"],
            [
                ["healthy clients, publish to client, p99, before any stalls", $"{Tables.Number(alone)} ms", ""],
                ["healthy clients, p99, while 50 stall", $"{Tables.Number(Tables.Percentile(times.Taken, 0.99))} ms of {Tables.Number(times.Taken.Count)}", "250 ms"],
                ["memory for each stalled client, at most", $"{Tables.Number((peak - before) * 1024 / Stalled)} KB", "256 KB"],
                ["all stalled clients are cut after", cut == TimeSpan.Zero ? $"not in {clock.Elapsed.TotalSeconds:0} s" : $"{cut.TotalSeconds:0.0} s", "10 s"],
            ]);
        }
        finally
        {
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    private static int Connections(int port) => IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
        .Count(c => c.LocalEndPoint.Port == port && c.State == TcpState.Established);
}
