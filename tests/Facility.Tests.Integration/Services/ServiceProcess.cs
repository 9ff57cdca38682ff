using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Facility.Tests.Integration.Services;

/// <summary>A real service that a test runs as a child process on loopback. Ends with it; keeps the last lines it wrote for a failure's message.</summary>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    private const int MostLines = 200;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    public ServiceProcess(string binary, params string[] arguments)
    {
        var start = new ProcessStartInfo(binary, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    public string Output => string.Join('\n', _lines);

    /// <summary>The path of a program on PATH, /usr/sbin or /usr/bin; skips the test by name and reason where there is none.</summary>
    public static string Require(string name)
    {
        var found = Find(name);
        Assert.SkipWhen(found is null, $"{name} is not installed (as root: apt-get install {(name == "influxd" ? "influxdb" : name)}): this test needs the real one.");
        return found!;
    }

    public static string? Find(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Concat(["/usr/sbin", "/usr/bin"]).Where(folder => folder.Length > 0)
        .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Waits until the service answers; throws with its output when it ends or does not within <paramref name="atMost"/>.</summary>
    public async Task WaitUntilAsync(string what, Func<Task<bool>> ready, TimeSpan atMost)
    {
        var clock = Stopwatch.StartNew();
        while (!await ready())
        {
            if (_process.HasExited)
            {
                throw new InvalidOperationException($"{what} ended with code {_process.ExitCode}:\n{Output}");
            }
            if (clock.Elapsed > atMost)
            {
                throw new TimeoutException($"{what} did not answer within {atMost.TotalSeconds} s:\n{Output}");
            }
            await Task.Delay(25);
        }
    }

    /// <summary>Asks it to end (SIGTERM) and waits until the process is gone; after 30 s kills it.</summary>
    public async Task StopAsync()
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, 15);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                await KillAsync();
            }
        }
    }

    /// <summary>As a power cut: SIGKILL.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }
        _lines.Enqueue(line);
        while (_lines.Count > MostLines)
        {
            _lines.TryDequeue(out _);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
