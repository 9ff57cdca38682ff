using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Server.Adapters;
using Facility.Server.Places;
using Facility.Tests.Programs;

namespace Facility.Storage;

/// <summary>A journal of many events written by the journal's own writer, then a server on it that is killed and started again.</summary>
internal static class Restart
{
    public static async Task MeasureAsync(int events, int batch)
    {
        var folder = Here.NewFolder();
        var sites = Path.Combine(RunningProgram.Root, "seeds/sites.json");
        var clock = Stopwatch.StartNew();
        Write(Path.Combine(folder, "journal.db"), sites, events, batch);
        Console.WriteLine($"\njournal of {events:N0} events in batches of {batch}: written in {clock.Elapsed.TotalSeconds:0.0} s, "
            + $"{new FileInfo(Path.Combine(folder, "journal.db")).Length / 1e6:0} MB");

        var port = Here.FreePort();
        string[] arguments = ["--data", folder, "--sites", sites, "--mqtt-port", $"{Here.FreePort()}"];
        clock.Restart();
        using var http = Api.Client(port, folder);
        var server = RunningProgram.Server(["--urls", $"http://127.0.0.1:{port}", .. arguments]);
        await server.UntilAsync(async () => (await http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode, TimeSpan.FromMinutes(10));
        Console.WriteLine($"first start, nothing of it followed yet: ready after {clock.Elapsed.TotalSeconds:0.0} s");
        await server.UntilAsync(async () => (await http.GetFromJsonAsync<DeviceList>("/v1/devices"))!.Devices.All(d => d.Streams.All(s => s.Lag == 0)), TimeSpan.FromMinutes(10));
        Console.WriteLine($"all of it followed after {clock.Elapsed.TotalSeconds:0.0} s ({events / clock.Elapsed.TotalSeconds:N0} events/s)");
        await Task.Delay(TimeSpan.FromSeconds(2));

        var times = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            await server.KillAsync();
            await server.DisposeAsync();
            clock.Restart();
            server = await RunningProgram.ReadyServerAsync(port, arguments);
            times.Add(clock.Elapsed.TotalSeconds);
        }

        Console.WriteLine($"killed (-9) and started again, until ready: {string.Join(", ", times.Select(t => $"{t:0.0}"))} s");
        Console.WriteLine(string.Join('\n', (await http.GetStringAsync(new Uri("/metrics", UriKind.Relative))).Split('\n').Where(l => l.StartsWith("facility_store", StringComparison.Ordinal))));
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static void Write(string path, string sitesPath, int events, int batch)
    {
        var sites = SitesFile.Load(sitesPath).Document;
        var clock = new Past(DateTimeOffset.UtcNow.AddHours(-6));
        using var journal = new SqliteJournal(path, clock);
        var writer = journal.Writer;
        writer.Append(writer.Begin(), "", "", new SitesRevised(sites));
        writer.Commit();
        var streams = sites.Sites.Select(s => (s.Id, Stream: Guid.NewGuid())).ToArray();
        var next = 0;
        for (var written = 0; written < events;)
        {
            clock.Now += TimeSpan.FromHours(6) * Math.Min(1, 500.0 * batch / events);
            var received = writer.Begin();
            for (var i = 0; i < 500 && written < events; i++, written += batch)
            {
                var (site, uuid) = streams[next++ % streams.Length];
                var row = writer.Find(site, $"{site}-01", uuid) ?? writer.Add(site, $"{site}-01", uuid, received);
                var first = row.Acknowledged + 1;
                var payload = Encoding.UTF8.GetBytes(Batches.Of(uuid, first, batch, received, (next / streams.Length) % 2 == 0 ? 1 : -1));
                writer.AppendEvents(row, received, first, BatchReader.Read(payload).Batch!, payload, null);
                row.Acknowledged = first + batch - 1;
                row.Heard = received;
                writer.Save(row);
            }

            writer.Commit();
        }
    }

    private sealed class Past(DateTimeOffset start) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
