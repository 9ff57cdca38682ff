using System.Net.Sockets;
using System.Text;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Services;

/// <summary>A real mosquitto of apt on a free port of loopback. Skips the test where it is not installed.</summary>
internal sealed class Mosquitto : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _binary;
    private ChildProcess? _process;

    private Mosquitto(string binary, int port, bool persistent, bool tellsPackets, string settings, int savedAfter)
    {
        (_binary, Port) = (binary, port);
        var config = new StringBuilder($"""
            listener {port} {Host}
            allow_anonymous true
            set_tcp_nodelay true
            max_queued_messages 1000000
            max_inflight_messages 0

            """);
        if (tellsPackets)
        {
            config.Append("log_type all\n");
        }
        if (persistent)
        {
            config.Append("persistence true\npersistence_location ").Append(_folder.Path).Append("/\nautosave_on_changes true\n")
                .Append(System.Globalization.CultureInfo.InvariantCulture, $"autosave_interval {savedAfter}\n");
        }
        if (Environment.UserName == "root")
        {
            // As root mosquitto changes to its own user, who may not write in our folder.
            config.Append("user root\n");
        }
        config.Append(settings);
        File.WriteAllText(ConfigPath, config.ToString());
    }

    public const string Host = "127.0.0.1";

    public int Port { get; }

    public string Output => _process?.Output ?? "";

    private string ConfigPath => _folder["mosquitto.conf"];

    /// <param name="persistent">Keep sessions and retained messages over a kill, saved after so many changes.</param>
    /// <param name="tellsPackets">Print every packet, in order, to <see cref="Output"/>.</param>
    /// <param name="settings">More lines of its configuration, such as a second listener.</param>
    public static async Task<Mosquitto> StartAsync(bool persistent = false, bool tellsPackets = false, string settings = "", int savedAfter = 1)
    {
        var broker = new Mosquitto(Service.Require("mosquitto"), Here.FreePort(), persistent, tellsPackets, settings, savedAfter);
        try
        {
            await broker.StartAgainAsync();
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
        return broker;
    }

    /// <summary>Starts on the same port, after <see cref="KillAsync"/> or <see cref="StopAsync"/>.</summary>
    public async Task StartAgainAsync()
    {
        _process = new ChildProcess(new(_binary, ["-c", ConfigPath]));
        await _process.UntilAsync("mosquitto", AnswersAsync, TimeSpan.FromSeconds(20));
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    /// <summary>Of a stopped one: all that it kept is gone.</summary>
    public void Wipe()
    {
        foreach (var file in Directory.EnumerateFiles(_folder.Path, "mosquitto.db*"))
        {
            File.Delete(file);
        }
    }

    public Task KillAsync() => EndAsync(process => process.KillAsync());

    public Task StopAsync() => EndAsync(process => process.StopAsync(Service.StopLimit));

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
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(Host, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
