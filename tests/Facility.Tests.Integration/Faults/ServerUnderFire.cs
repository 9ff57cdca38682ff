using System.Net.Http.Json;
using Facility.Contracts;
using Facility.Contracts.Rest;
using Facility.Tests.Integration.Services;
using Facility.Tests.Integration.Stories;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Faults;

/// <summary>The real server, on a small disk of its own where one can be mounted, over all its lives.</summary>
internal sealed class ServerUnderFire(string sites, int brokerPort, string? series, Action<string> wrong) : IAsyncDisposable
{
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(90);
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = Here.FreePort();
    private HttpClient? _client;
    private SmallDisk? _disk;
    private RunningProgram? _program;
    private string _lastWords = "";
    private int _fillingsBefore;

    /// <summary>How far its clock is off from its next start on.</summary>
    public TimeSpan ClockError { get; set; }

    public string Data => _folder["disk/data"];

    private HttpClient Http
    {
        get
        {
            if (_client is null)
            {
                _client = Api.Client(null, () => Data);
                _client.Timeout = TimeSpan.FromSeconds(30);
            }

            return _client;
        }
    }

    public string Output => (_program?.Output ?? "") is { Length: > 0 } now ? now : _lastWords;

    public bool HasCopy => Directory.Exists(_folder["copy"]);

    /// <summary>Null where a small disk cannot be mounted: that fault is then left out.</summary>
    public SmallDisk? Disk => _disk;

    // At any moment of its present life: it may be free again by the time that somebody looks why it ended.
    private bool HasMetAFullDisk => _disk is { } disk && disk.Fillings > _fillingsBefore;

    public async Task MountAsync(string size) => _disk = await SmallDisk.TryMountAsync(_folder["disk"], size);

    /// <summary>Starts it; what its supervisor does when it ends by itself, as it may on a full disk, is done here too.</summary>
    /// <param name="wait">Until it answers; else it may be killed while it starts.</param>
    public async Task StartAsync(bool wait = true, bool mayFail = false)
    {
        for (var tries = 0; ; tries++)
        {
            Launch();
            if (!wait)
            {
                return;
            }

            try
            {
                await _program!.UntilAsync(async () => (await Http.GetAsync(Url("/health/live"))).IsSuccessStatusCode, Start);
                return;
            }
            catch (TimeoutException e)
            {
                await KillAsync();
                if (tries >= 20 || (!mayFail && !HasMetAFullDisk))
                {
                    wrong($"the server did not start: {e.Message}");
                    throw;
                }

                await Task.Delay(500);
            }
        }
    }

    public async Task KillAsync()
    {
        if (_program is { } program)
        {
            if (program.HasExited && !HasMetAFullDisk && program.ExitCode is not 137)
            {
                wrong($"the server ended by itself with {program.ExitCode}: {Tail(program.Output, 10)}");
            }

            _lastWords = program.Output;
            await program.DisposeAsync();
            _program = null;
        }
    }

    public Task UntilReadyAsync() => _program!.UntilAsync(async () => (await Http.GetAsync(Url("/health/ready"))).IsSuccessStatusCode, Start);

    /// <summary>Of a stopped one.</summary>
    public void Copy()
    {
        ForgetCopy();
        RealServer.CopyFolder(Data, _folder["copy"]);
    }

    public void ForgetCopy()
    {
        if (HasCopy)
        {
            Directory.Delete(_folder["copy"], recursive: true);
        }
    }

    /// <summary>Of a stopped one.</summary>
    public void PutBack()
    {
        Directory.Delete(Data, recursive: true);
        RealServer.CopyFolder(_folder["copy"], Data);
    }

    public async Task<IReadOnlyList<DeviceState>> DevicesAsync() => (await Http.GetFromJsonAsync<DeviceList>(Url("/v1/devices")))!.Devices;

    /// <summary>Persons in and out of a site within hours around now.</summary>
    public async Task<(long In, long Out)> PassagesAsync(string site, DateTimeOffset from, DateTimeOffset to)
    {
        static string At(DateTimeOffset at) => Uri.EscapeDataString(Rfc3339.Format(at));
        var history = await Http.GetFromJsonAsync<PassageHistory>(Url($"/v1/sites/{site}/passages?from={At(from)}&to={At(to)}&interval=PT1H"));
        return (history!.Points.Sum(p => (long)p.In), history.Points.Sum(p => (long)p.Out));
    }

    public async Task<int> StopAsync() => _program is { } program ? await program.StopAsync(TimeSpan.FromSeconds(60)) : 0;

    public static string Tail(string text, int lines) => string.Join('\n', text.Split('\n').TakeLast(lines));

    public async ValueTask DisposeAsync()
    {
        await (_program?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_disk?.DisposeAsync() ?? ValueTask.CompletedTask);
        _client?.Dispose();
        _folder.Dispose();
    }

    private void Launch()
    {
        _fillingsBefore = _disk is { } disk ? disk.Fillings - (disk.IsFull ? 1 : 0) : 0;
        List<string> arguments =
        [
            "--urls", $"http://127.0.0.1:{_port}", "--data", Data, "--sites", sites, "--broker", $"mqtt://{Mosquitto.Host}:{brokerPort}",
            "--raw-retention", "off", "--figure-retention", "off",
        ];
        _program = RunningProgram.ServerWith(FalseTime.Off(ClockError), [.. arguments, .. series is null ? Array.Empty<string>() : ["--series", series]]);
    }

    private Uri Url(string path) => new($"http://127.0.0.1:{_port}{path}");
}
