using System.Diagnostics;
using Facility.Contracts;
using Facility.Domain.Occupancy;
using Facility.Server.Adapters;
using Facility.Server.Places;
using Facility.Server.Ports;
using Facility.Tests.Programs;

namespace Facility.Storage;

/// <summary>Years of five sites in a store, and how long the API of a real server takes to answer from it.</summary>
internal static class History
{
    public static async Task MeasureAsync(string influx, int years, int rooms, int queries)
    {
        var folder = Here.NewFolder();
        var (port, sitesPath) = (Here.FreePort(), Path.Combine(RunningProgram.Root, "seeds/sites.json"));
        var sites = SitesFile.Load(sitesPath).Document.Sites;
        var now = QuarterHour.Floor(DateTimeOffset.UtcNow);
        var clock = Stopwatch.StartNew();
        ISeriesStore store = influx.Length == 0
            ? new SqliteSeriesStore(Path.Combine(folder, "series.db"), null)
            : new InfluxSeriesStore(new InfluxOptions(new Uri(influx), RawRetention: TimeSpan.FromDays(90), FigureRetention: TimeSpan.FromDays(1830)), new None());
        await store.PrepareAsync(CancellationToken.None);
        var points = 0L;
        foreach (var (i, site) in sites.Index())
        {
            points += await new YearsOfSites(site, rooms, now.AddYears(-years), now, i).WriteAsync(store);
        }

        Console.WriteLine($"\n{(influx.Length == 0 ? "embedded store" : "InfluxDB")}: {years} years of {sites.Count} sites with {rooms} rooms each, {points:N0} points written in {clock.Elapsed.TotalSeconds:0} s"
            + (influx.Length == 0 ? $", {new FileInfo(Path.Combine(folder, "series.db")).Length / 1e6:0} MB" : ""));
        (store as IDisposable)?.Dispose();

        string[] series = influx.Length == 0 ? [] : ["--series", influx];
        var server = await RunningProgram.ReadyServerAsync(
            port, ["--api-rate", "off", "--data", folder, "--sites", sitesPath, "--mqtt-port", $"{Here.FreePort()}", .. series]);
        using var http = Api.Client(port, folder);
        string Range(DateTimeOffset from, DateTimeOffset to) => $"from={Uri.EscapeDataString(Rfc3339.Format(from))}&to={Uri.EscapeDataString(Rfc3339.Format(to))}";
        (string What, Func<int, string> Path)[] kinds =
        [
            ("a year of quarter hours, occupancy", i => $"occupancy-history?{Range(Back(i), Back(i).AddDays(365))}&interval=PT15M"),
            ("the same of a room, in hindsight of the site by turns", i => $"occupancy-history?{Range(Back(i), Back(i).AddDays(365))}&interval=PT15M&{(i % 2 == 0 ? "zone=hall" : "basis=reconciled")}"),
            ("the same up to now, from no whole quarter", i => $"occupancy-history?{Range(now.AddDays(-365).AddSeconds(i), now)}&interval=PT15M"),
            ("five years of days, occupancy", i => $"occupancy-history?{Range(now.AddYears(-years), now)}&interval=P1D"),
            ("a year of six-hour passages of all doors", i => $"passages?{Range(Back(i), Back(i).AddDays(365))}&interval=PT6H"),
            ("crowding over five years", i => $"crowding?{Range(now.AddYears(-years).AddSeconds(i), now)}"),
        ];
        Console.WriteLine($"\n| query ({queries} over the sites) | median | p95 | of it the server's own CPU, mean | bytes |\n|---|---|---|---|---|");
        foreach (var (what, path) in kinds)
        {
            var bytes = (await http.GetByteArrayAsync(new Uri($"/v1/sites/{sites[0].Id}/{path(0)}", UriKind.Relative))).Length;
            var times = new List<double>();
            var cpu = server.ProcessorTime;
            for (var i = 0; i < queries; i++)
            {
                clock.Restart();
                await http.GetByteArrayAsync(new Uri($"/v1/sites/{sites[i % sites.Count].Id}/{path(i)}", UriKind.Relative));
                times.Add(clock.Elapsed.TotalMilliseconds);
            }

            times.Sort();
            Console.WriteLine($"| {what} | {times[times.Count / 2]:0} ms | {times[(int)Math.Ceiling(times.Count * 0.95) - 1]:0} ms | {(server.ProcessorTime - cpu).TotalMilliseconds / queries:0} ms | {bytes:N0} |");
        }

        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);

        // Quarters from anywhere in the years.
        DateTimeOffset Back(int i) => now.AddDays(-365 - (i * 37 % Math.Max(1, (years - 1) * 365)));
    }

    private sealed class None : IUnwritable
    {
        public long Count => 0;

        public void SetAside(string point, string reason) => throw new InvalidOperationException($"{reason}: {point}");
    }
}
