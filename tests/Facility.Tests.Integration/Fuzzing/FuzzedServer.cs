using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Fuzzing;

/// <summary>The real server with its own broker and stores, and what must hold of it whatever comes.</summary>
internal sealed class FuzzedServer : IAsyncDisposable
{
    // Of working set, over what it had when it was ready.
    private const long MostGrowth = 400L * 1024 * 1024;

    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(250);

    private readonly TemporaryFolder _folder;
    private readonly RunningProgram _program;
    private readonly long _atFirst;
    private readonly Lock _gate = new();
    private long _asked;
    private int _read;

    private FuzzedServer(RunningProgram program, TemporaryFolder folder, int port, int mqttPort)
    {
        (_program, _folder, Port, MqttPort) = (program, folder, port, mqttPort);
        Tokens = [Api.Token(folder["data"]), Api.Token(folder["data"]), Api.Token(folder["data"], "buurtverbinder", "fuzz", "ratelaar"), "fac_nobody", ""];
        _atFirst = program.WorkingSet;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = System.Net.DecompressionMethods.None })
        {
            BaseAddress = new Uri($"http://127.0.0.1:{port}"),
            Timeout = TimeSpan.FromSeconds(20),
        };
    }

    public int Port { get; }

    public int MqttPort { get; }

    public HttpClient Http { get; }

    /// <summary>An administrator's (twice), one of a buurtverbinder of one site, one of nobody's, none.</summary>
    public IReadOnlyList<string> Tokens { get; }

    public static async Task<FuzzedServer> StartAsync()
    {
        var (folder, port, mqttPort) = (new TemporaryFolder(), Here.FreePort(), Here.FreePort());

        // Nobody is called: what is made up here opens incidents.
        var program = await RunningProgram.ReadyServerAsync(
            port, "--data", folder["data"], "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{mqttPort}", "--on-call", folder["nobody.json"], "--api-rate", "off");
        return new FuzzedServer(program, folder, port, mqttPort);
    }

    /// <summary>What went wrong with the server since it was last asked, which it is four times a second; null for nothing.</summary>
    public string? Trouble(bool now = false)
    {
        lock (_gate)
        {
            if (!now && Stopwatch.GetElapsedTime(_asked) < AskEvery)
            {
                return null;
            }

            _asked = Stopwatch.GetTimestamp();
            return Look();
        }
    }

    private string? Look()
    {
        if (_program.HasExited)
        {
            return $"the server ended with {_program.ExitCode}: {Tail(_program.Output)}";
        }

        var output = _program.Output;
        var news = output[Math.Min(_read, output.Length)..];
        _read = output.Length;
        return news.Split('\n').Any(l => l.StartsWith("fail:", StringComparison.Ordinal) || l.StartsWith("crit:", StringComparison.Ordinal) || l.Contains("nhandled exception", StringComparison.Ordinal))
            ? "its log: " + Tail(news)
            : _program.WorkingSet - _atFirst is > MostGrowth and var grown ? $"it grew by {grown / 1024 / 1024} MB"
            : null;
    }

    public Task<int> StopAsync() => _program.StopAsync(TimeSpan.FromSeconds(60));

    /// <summary>What of it stands anywhere in the journal's files, of the stopped server.</summary>
    /// <param name="marker">With the marker itself as its first group.</param>
    public IReadOnlySet<string> Journaled(Regex marker) => Directory.EnumerateFiles(_folder["data"], "journal.db*")
        .SelectMany(f => marker.Matches(Encoding.Latin1.GetString(File.ReadAllBytes(f))).Select(m => m.Value)).ToHashSet();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _program.DisposeAsync();
        _folder.Dispose();
    }

    private static string Tail(string text) => text.Length > 3000 ? text[^3000..] : text;
}
