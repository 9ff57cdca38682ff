using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Facility.Tests.Programs;

/// <summary>One of our programs as a process of its own, the way a user runs it.</summary>
public sealed partial class RunningProgram : IAsyncDisposable
{
    private const int SigTerm = 15;
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private RunningProgram(string program, IEnumerable<string> arguments, string? logFile = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var isNative = !program.EndsWith(".dll", StringComparison.Ordinal);
        var start = new ProcessStartInfo(isNative ? program : logFile is null ? "dotnet" : "/bin/sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Root,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        if (logFile is not null)
        {
            foreach (var argument in (string[])["-c", "log=$1; shift; exec dotnet \"$@\" > \"$log\" 2>&1", "sh", logFile])
            {
                start.ArgumentList.Add(argument);
            }
        }

        if (!isNative)
        {
            start.ArgumentList.Add(Path.Combine(Root, program));
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The checkout, where seeds and the built programs are.</summary>
    public static string Root { get; } = Metadata("RepositoryRoot");

    private static string Configuration { get; } = Metadata("Configuration");

    private static string EdgeProgram => $"edge/Facility.Edge/bin/{Configuration}/net10.0/facility-edge.dll";

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Bytes of memory that it has in use.</summary>
    public long WorkingSet
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>What it has computed so far, on all cores: a measure that a busy machine does not stretch.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>All that it printed.</summary>
    public string Output => string.Join('\n', _lines);

    public static RunningProgram Server(params IEnumerable<string> arguments) =>
        new($"server/Facility.Server/bin/{Configuration}/net10.0/facility-server.dll", arguments);

    /// <summary>A server with variables in its environment.</summary>
    public static RunningProgram ServerWith(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        new($"server/Facility.Server/bin/{Configuration}/net10.0/facility-server.dll", arguments, environment: environment);

    public static RunningProgram Edge(params IEnumerable<string> arguments) => new(EdgeProgram, arguments);

    /// <summary>An edge that was published as a native program.</summary>
    public static RunningProgram NativeEdge(string program, params IEnumerable<string> arguments) => new(program, arguments);

    /// <summary>An edge that prints to a file, which <see cref="Output"/> does not show.</summary>
    public static RunningProgram EdgeLoggingTo(string logFile, params IEnumerable<string> arguments) => new(EdgeProgram, arguments, logFile);

    /// <summary>A server on ports of its own, ready to answer.</summary>
    public static async Task<RunningProgram> ReadyServerAsync(int port, params IEnumerable<string> arguments)
    {
        var server = Server(["--urls", $"http://127.0.0.1:{port}", .. arguments]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await server.UntilAsync(async () => (await http.GetAsync("/health/ready")).IsSuccessStatusCode, TimeSpan.FromSeconds(60));
        return server;
    }

    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until something holds; fails with the program's output when it ends or the time is over.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, TimeSpan atMost)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                if (await holds())
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            if (_process.HasExited || clock.Elapsed > atMost)
            {
                throw new TimeoutException($"not so after {clock.Elapsed.TotalSeconds:0} s; exited: {_process.HasExited}; it printed:\n{Output}");
            }

            await Task.Delay(20);
        }
    }

    public Task UntilOutputAsync(string text, TimeSpan atMost) =>
        UntilAsync(() => Task.FromResult(Output.Contains(text, StringComparison.Ordinal)), atMost);

    /// <summary>kill -9: no handler runs, no buffer is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>What Ctrl-C and systemd do.</summary>
    public async Task<int> StopAsync(TimeSpan? atMost = null)
    {
        if (!_process.HasExited)
        {
            _ = kill(_process.Id, SigTerm);
        }

        return await ExitAsync(atMost ?? TimeSpan.FromSeconds(15));
    }

    public async Task<int> ExitAsync(TimeSpan atMost)
    {
        using var limit = new CancellationTokenSource(atMost);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"still running after {atMost.TotalSeconds:0} s; it printed:\n{Output}");
        }

        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private static string Metadata(string key) => typeof(RunningProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == key).Value!;

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int kill(int pid, int signal);
}
