using System.Text.Json;
using Facility.Tests.Programs;

namespace Facility.Benchmarks.Machines;

/// <summary>A peer in Node.js: the bare script, or Node-RED with its flow (folder peers). Its live count is in memory, as one makes it.</summary>
internal sealed class NodePeer(Bench bench, string name, string script) : IReceiver
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly int _port = Here.FreePort();
    private ChildProcess? _process;

    public string Name => name;

    public bool Acknowledges => false;

    public ChildProcess Process => _process!;

    public static NodePeer Bare(Bench bench) => new(bench, "bare Node.js script", "bare");

    public static NodePeer NodeRed(Bench bench) => new(bench, "Node-RED flow", "node-red");

    public async Task StartAsync()
    {
        await bench.DatabaseAsync("peer");
        var modules = Path.Combine(Environment.GetEnvironmentVariable("FACILITY_BENCH_CACHE")!, "node_modules");
        var subscribed = bench.Subscriptions(script);
        _process = new ChildProcess(new("node", [Path.Combine(Environment.GetEnvironmentVariable("FACILITY_BENCH_PEERS")!, script + ".js")])
        {
            Environment =
            {
                ["NODE_PATH"] = modules, ["BENCH_MQTT"] = $"{bench.MqttPort}", ["BENCH_INFLUX"] = $"{bench.InfluxPort}", ["BENCH_HTTP"] = $"{_port}",
                ["BENCH_FOLDER"] = bench["node-red"],
            },
        });
        await _process.UntilAsync(Name, async () =>
        {
            using var answer = await _http.GetAsync(new Uri($"http://127.0.0.1:{_port}/live"));
            return answer.IsSuccessStatusCode && bench.Subscriptions(script) > subscribed;
        }, TimeSpan.FromSeconds(60));
    }

    public Task<long> StoredAsync(DateTimeOffset? since = null) => bench.CountAsync("peer", "event", since);

    public async Task<long> LiveAsync()
    {
        using var document = JsonDocument.Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{_port}/live")));
        return document.RootElement.EnumerateObject().Sum(site => site.Value.GetInt64());
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _http.Dispose();
    }
}
