using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Facility.Tests.Programs;

namespace Facility.Benchmarks.Machines;

/// <summary>A fresh mosquitto and a fresh InfluxDB 1.x on free ports of loopback, in a folder that goes with them.</summary>
internal sealed class Bench : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("facility-bench-").FullName;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private readonly ConcurrentDictionary<string, int> _subscriptions = new();
    private ChildProcess? _broker;
    private ChildProcess? _influx;

    public int MqttPort { get; } = Here.FreePort();

    public int InfluxPort { get; } = Here.FreePort();

    public Uri InfluxUrl => new($"http://127.0.0.1:{InfluxPort}");

    public ChildProcess Broker => _broker!;

    public ChildProcess Influx => _influx!;

    public string this[string name] => Path.Combine(_folder, name);

    /// <param name="queue">Messages that the broker keeps for a client that is away or slow; 1,000 is its default.</param>
    public static async Task<Bench> StartAsync(int queue = 1_000_000)
    {
        var bench = new Bench();
        var root = Environment.UserName == "root" ? "user root\n" : "";
        await File.WriteAllTextAsync(bench["mosquitto.conf"],
            $"listener {bench.MqttPort} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nmax_queued_messages {queue}\nlog_type notice\nlog_type subscribe\n{root}");
        await File.WriteAllTextAsync(bench["influxdb.conf"], $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:{Here.FreePort()}"
            [meta]
              dir = "{bench["meta"]}"
              logging-enabled = false
            [data]
              dir = "{bench["data"]}"
              wal-dir = "{bench["wal"]}"
              query-log-enabled = false
            [http]
              bind-address = "127.0.0.1:{bench.InfluxPort}"
              log-enabled = false
            [monitor]
              store-enabled = false
            """);
        bench._broker = new ChildProcess(new("mosquitto", ["-c", bench["mosquitto.conf"]]), onLine: bench.Log);
        bench._influx = new ChildProcess(new("influxd", ["-config", bench["influxdb.conf"]]));
        await bench._broker.UntilAsync("mosquitto", async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, bench.MqttPort);
            return true;
        }, TimeSpan.FromSeconds(20));
        await bench._influx.UntilAsync("influxd", async () =>
        {
            using var answer = await bench._http.GetAsync(new Uri(bench.InfluxUrl, "ping"));
            return answer.StatusCode == HttpStatusCode.NoContent;
        }, TimeSpan.FromSeconds(60));
        return bench;
    }

    /// <summary>Subscriptions that a client made so far.</summary>
    public int Subscriptions(string clientId) => _subscriptions.GetValueOrDefault(clientId);

    public async Task DatabaseAsync(string name)
    {
        using var form = new FormUrlEncodedContent([new("q", $"CREATE DATABASE {name}")]);
        using var answer = await _http.PostAsync(new Uri(InfluxUrl, "query"), form);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Events that a query finds.</summary>
    public async Task<long> CountAsync(string database, string from, DateTimeOffset? since = null, string where = "")
    {
        where = since is { } at ? $" WHERE time >= {at.ToUnixTimeMilliseconds()}ms" : where;
        var query = Uri.EscapeDataString($"SELECT COUNT(value) FROM {from}{where}");
        using var answer = await _http.GetAsync(new Uri(InfluxUrl, $"query?db={database}&q={query}"));
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        var result = document.RootElement.GetProperty("results")[0];
        return result.TryGetProperty("series", out var series) ? series[0].GetProperty("values")[0][1].GetInt64() : 0;
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        if (_influx is not null)
        {
            await _influx.DisposeAsync();
        }

        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // As mosquitto logs it: "1732446000: facility-server 1 facility/v1/+/+/events".
    private void Log(string line)
    {
        var words = line.Split(' ');
        if (words.Length == 4 && words[3].StartsWith("facility/", StringComparison.Ordinal) && !words[1].StartsWith("bench-", StringComparison.Ordinal))
        {
            _subscriptions.AddOrUpdate(words[1], 1, (_, n) => n + 1);
        }
    }
}
