using System.Reflection;
using System.Text.Json;
using Facility.Benchmarks.Load;
using Facility.Tests.Programs;

namespace Facility.Benchmarks.Machines;

/// <summary>facility-server: fsync before each acknowledgement, every event exactly once.</summary>
internal sealed class OurServer(Bench bench, int sites, int devicesPerSite, IReadOnlyList<string>? more = null) : IReceiver
{
    private const string Raw = "facility_raw.event";
    private readonly HttpClient _http = Api.Client(null, () => bench["server"]);
    private ChildProcess? _process;

    public string Name => "Facility";

    public bool Acknowledges => true;

    public ChildProcess Process => _process!;

    public int Port { get; } = Here.FreePort();

    public Uri Url => new($"http://127.0.0.1:{Port}");

    public async Task StartAsync()
    {
        if (_process is null)
        {
            await File.WriteAllTextAsync(bench["sites.json"], Sites(sites, devicesPerSite));
        }

        var root = typeof(OurServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepositoryRoot").Value!;
        _process = new ChildProcess(new("dotnet",
        [
            Environment.GetEnvironmentVariable("FACILITY_BENCH_SERVER") ?? Path.Combine(root, "server/Facility.Server/bin/Release/net10.0/facility-server.dll"),
            "--urls", Url.ToString(), "--data", bench["server"],
            "--sites", bench["sites.json"], "--broker", $"mqtt://127.0.0.1:{bench.MqttPort}", "--series", bench.InfluxUrl.ToString(),
            .. more ?? ["--on-call", bench["nobody"]],
        ]));
        await _process.UntilAsync("facility-server", async () => (await _http.GetAsync(new Uri(Url, "health/ready"))).IsSuccessStatusCode, TimeSpan.FromSeconds(60));
    }

    public Task<long> StoredAsync(DateTimeOffset? since = null) => bench.CountAsync("facility", Raw, since);

    public Task<long> StoredAsync(Guid stream) => bench.CountAsync("facility", Raw, where: $" WHERE stream='{stream}'");

    /// <summary>Persons who went in and not out, as the API counts them; the estimate beside it is no sum.</summary>
    public async Task<long> LiveAsync()
    {
        long people = 0;
        for (var site = 0; site < sites; site++)
        {
            using var document = JsonDocument.Parse(await _http.GetStringAsync(new Uri(Url, $"v1/sites/{Fleet.SiteName(site)}/passages?interval=P1D")));
            people += document.RootElement.GetProperty("points").EnumerateArray().Sum(p => p.GetProperty("in").GetInt64() - p.GetProperty("out").GetInt64());
        }

        return people;
    }

    public Task<string> MetricsAsync() => _http.GetStringAsync(new Uri(Url, "metrics"));

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _http.Dispose();
    }

    private static string Sites(int sites, int devicesPerSite)
    {
        var days = new[] { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
        return JsonSerializer.Serialize(new
        {
            sites = Enumerable.Range(0, sites).Select(s => new
            {
                id = Fleet.SiteName(s),
                name = Fleet.SiteName(s),
                timeZone = "Europe/Amsterdam",
                capacity = 100_000,
                openingHours = days.ToDictionary(d => d, _ => new[] { "00:00-24:00" }),
                zones = new[] { new { id = "hall", name = "Hall", capacity = 100_000 } },
                portals = Enumerable.Range(0, devicesPerSite).Select(d => new
                {
                    id = Fleet.DeviceName(s, d),
                    sensor = Fleet.DeviceName(s, d) + "-door",
                    from = "outside",
                    to = "hall",
                }),
                sensors = Enumerable.Range(0, devicesPerSite).SelectMany(d => new[]
                {
                    new { id = Fleet.DeviceName(s, d) + "-door", device = Fleet.DeviceName(s, d), kind = "passage" },
                    new { id = Fleet.DeviceName(s, d) + "-button", device = Fleet.DeviceName(s, d), kind = "button" },
                }),
            }),
        });
    }
}
