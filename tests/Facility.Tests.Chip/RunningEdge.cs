using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Facility.Contracts.Mqtt;
using Facility.Tests.Integration.Services;
using Facility.Tests.Integration.Stories;

namespace Facility.Tests.Chip;

/// <summary>The published facility-edge (FACILITY_TEST_EDGE) on the chip, with a mosquitto and a server's side that acknowledges all.</summary>
internal sealed class RunningEdge : IAsyncDisposable
{
    public const int FirstFastLine = 14;
    public const int FastLines = 8;
    public const int UrgentLevels = 6 + FastLines;
    private const int Port = 1883;
    private const int LineCount = FirstFastLine + FastLines + 4;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facility-edge-");
    private readonly StringBuilder _output = new();
    private readonly Process _broker;
    private Process? _edge;

    private RunningEdge()
    {
        var config = Path.Combine(_folder.FullName, "mosquitto.conf");
        File.WriteAllText(config, $"listener {Port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nlog_type error\n");
        _broker = Process.Start("mosquitto", ["-c", config]);
    }

    public Lines Lines { get; } = new(LineCount);

    public TestServer Server { get; private set; } = null!;

    /// <summary>As the kernel's drivers write it, in thousandths of a degree.</summary>
    public string Thermometer => Path.Combine(_folder.FullName, "temperature");

    /// <summary>Started, connected, and all that it tells at its start is told.</summary>
    public static async Task<RunningEdge> StartAsync()
    {
        _ = RealChip.Label();
        var program = Environment.GetEnvironmentVariable("FACILITY_TEST_EDGE");
        Assert.SkipWhen(string.IsNullOrEmpty(program), "no published facility-edge here (FACILITY_TEST_EDGE names none); the test GpioChip.OnAChip runs this in a VM");
        var it = new RunningEdge();
        try
        {
            await it.StartAsync(program!);
        }
        catch
        {
            await it.DisposeAsync();
            throw;
        }

        return it;
    }

    /// <summary>Waits until as many events as are expected came, and returns those of the stream after the first <paramref name="skip"/>.</summary>
    public async Task<IReadOnlyList<DeviceEvent>> EventsAsync(bool urgent, int skip, int count)
    {
        try
        {
            await Until.TrueAsync($"{count} events came", () => Task.FromResult(Server.InOrder(urgent).Count >= skip + count), Soon);
        }
        catch (TimeoutException e)
        {
            Assert.Fail($"{e.Message} There are {Server.InOrder(urgent).Count - skip}: {Text(Server.InOrder(urgent).Skip(skip))}\n{Output}");
        }

        return [.. Server.InOrder(urgent).Skip(skip)];
    }

    public static string Text(IEnumerable<DeviceEvent> events) => string.Join(", ", events.Select(e => $"{e.Sensor} {e.Kind} {e.Value} at {e.At:ss.fff}"));

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>The process stands still, as when the machine has no time for it.</summary>
    public Task StandStillAsync() => SignalAsync("-STOP");

    public Task GoOnAsync() => SignalAsync("-CONT");

    public async ValueTask DisposeAsync()
    {
        foreach (var process in new[] { _edge, _broker }.OfType<Process>())
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        Lines.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync(string program)
    {
        await File.WriteAllTextAsync(Thermometer, "21437\n");
        var config = Path.Combine(_folder.FullName, "edge.json");
        await File.WriteAllTextAsync(config, Config());
        await Until.TrueAsync("mosquitto answers", AnswersAsync, Soon);
        Server = await TestServer.ConnectAsync(Port, acknowledgeAll: true);
        _edge = new Process
        {
            StartInfo = new ProcessStartInfo(program, ["--config", config]) { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        _edge.OutputDataReceived += (_, e) => Keep(e.Data);
        _edge.ErrorDataReceived += (_, e) => Keep(e.Data);
        _edge.Start();
        _edge.BeginOutputReadLine();
        _edge.BeginErrorReadLine();

        // The levels of the switches, the buttons and the fast lines; presence and temperature.
        await EventsAsync(urgent: true, 0, UrgentLevels);
        await EventsAsync(urgent: false, 0, 2);
    }

    private string Config()
    {
        var doors = Enumerable.Range(0, 4).Select(i => $$"""{ "id": "door-{{i}}", "kind": "passage", "beams": [{{2 * i}}, {{2 * i + 1}}], "debounceMs": 8 }""");
        var fast = Enumerable.Range(0, FastLines).Select(i => $$"""{ "id": "fast-{{i}}", "kind": "contact", "pin": {{FirstFastLine + i}}, "debounceMs": 0 }""");
        return $$"""
            { "site": "ratelaar", "device": "ratelaar-01", "broker": { "url": "mqtt://127.0.0.1:{{Port}}" },
              "data": "{{_folder.FullName}}/data", "gpio": { "chip": "{{RealChip.Label()}}" },
              "sensors": [ {{string.Join(", ", doors)}},
                { "id": "hall-pir", "kind": "presence", "pin": 8, "holdSeconds": 2 },
                { "id": "aed-door", "kind": "contact", "pin": 9, "activeLow": true, "pull": "up" },
                { "id": "aed-present", "kind": "present", "pin": 10 },
                { "id": "aed-tamper", "kind": "tamper", "pin": 11, "pull": "down" },
                { "id": "help-button", "kind": "button", "pin": 12, "debounceMs": 30 },
                { "id": "fire-panel", "kind": "alarm", "pin": 13 },
                { "id": "hall-temp", "kind": "temperature", "file": "{{Thermometer}}" },
                {{string.Join(", ", fast)}},
                { "id": "gate", "kind": "passage", "pulses": [22, 23], "debounceMs": 8 },
                { "id": "back-door", "kind": "passage", "beam": 24 },
                { "id": "call-button", "kind": "button", "pin": 25, "cancelSeconds": 1 } ] }
            """;
    }

    private static async Task<bool> AnswersAsync()
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{_edge!.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private void Keep(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
