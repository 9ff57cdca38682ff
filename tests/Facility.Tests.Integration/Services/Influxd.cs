using System.Net;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Services;

/// <summary>A real InfluxDB 1.x of apt on free ports of loopback. Skips the test where it is not installed.</summary>
internal sealed class Influxd : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly TemporaryFolder _folder = new();
    private readonly string _binary;
    private ChildProcess? _process;

    private Influxd(string binary, int port, bool authentication)
    {
        (_binary, Url) = (binary, new Uri($"http://127.0.0.1:{port}"));
        File.WriteAllText(ConfigPath, $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:{Here.FreePort()}"
            [meta]
              dir = "{_folder["meta"]}"
              logging-enabled = false
            [data]
              dir = "{_folder["data"]}"
              wal-dir = "{_folder["wal"]}"
              query-log-enabled = false
            [http]
              bind-address = "127.0.0.1:{port}"
              auth-enabled = {(authentication ? "true" : "false")}
              log-enabled = false
            [monitor]
              store-enabled = false
            """);
    }

    public Uri Url { get; }

    public string Output => _process?.Output ?? "";

    private string ConfigPath => _folder["influxdb.conf"];

    /// <param name="user">With <paramref name="password"/>: authentication is on, and this user may do everything.</param>
    public static async Task<Influxd> StartAsync(string? user = null, string? password = null)
    {
        var influx = new Influxd(Service.Require("influxd"), Here.FreePort(), user is not null);
        try
        {
            await influx.StartAgainAsync();
            if (user is not null)
            {
                using var form = new FormUrlEncodedContent([new("q", $"CREATE USER \"{user}\" WITH PASSWORD '{password}' WITH ALL PRIVILEGES")]);
                using var made = await Http.PostAsync(new Uri(influx.Url, "query"), form);
                made.EnsureSuccessStatusCode();
            }
        }
        catch
        {
            await influx.DisposeAsync();
            throw;
        }
        return influx;
    }

    /// <summary>Starts on the same port with the same data, after <see cref="StopAsync"/> or <see cref="KillAsync"/>.</summary>
    public async Task StartAgainAsync()
    {
        _process = new ChildProcess(new(_binary, ["-config", ConfigPath]));
        await _process.UntilAsync("influxd", AnswersAsync, TimeSpan.FromSeconds(60));
    }

    /// <summary>Waits until the process is gone, which takes seconds.</summary>
    public Task StopAsync() => EndAsync(process => process.StopAsync(Service.StopLimit));

    public Task KillAsync() => EndAsync(process => process.KillAsync());

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Dispose();
    }

    private async Task EndAsync(Func<ChildProcess, Task> end)
    {
        if (_process is { } process)
        {
            await end(process);
            await process.DisposeAsync();
            _process = null;
        }
    }

    private async Task<bool> AnswersAsync()
    {
        using var answer = await Http.GetAsync(new Uri(Url, "ping"));
        return answer.StatusCode == HttpStatusCode.NoContent;
    }
}
