using System.Diagnostics;
using System.Reflection;

namespace Facility.Tests.Programs;

/// <summary>One of our programs as a process of its own, the way a user runs it.</summary>
public sealed class RunningProgram : IAsyncDisposable
{
    private readonly ChildProcess _child;

    private RunningProgram(string program, IEnumerable<string> arguments, string? logFile = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var isNative = !program.EndsWith(".dll", StringComparison.Ordinal);
        var start = new ProcessStartInfo(isNative ? program : logFile is null ? "dotnet" : "/bin/sh")
        {
            RedirectStandardInput = true,
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

        _child = new ChildProcess(start, mostLines: int.MaxValue);
    }

    /// <summary>The checkout, where seeds and the built programs are.</summary>
    public static string Root { get; } = Metadata("RepositoryRoot");

    private static string Configuration { get; } = Metadata("Configuration");

    private static string EdgeProgram => $"edge/Facility.Edge/bin/{Configuration}/net10.0/facility-edge.dll";

    public bool HasExited => _child.HasExited;

    public int ExitCode => _child.Process.ExitCode;

    /// <summary>Bytes of memory that it has in use.</summary>
    public long WorkingSet
    {
        get
        {
            _child.Process.Refresh();
            return _child.Process.WorkingSet64;
        }
    }

    /// <summary>What it has computed so far, on all cores: a measure that a busy machine does not stretch.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _child.Process.Refresh();
            return _child.Process.TotalProcessorTime;
        }
    }

    /// <summary>All that it printed.</summary>
    public string Output => _child.Output;

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
        await _child.Process.StandardInput.WriteLineAsync(line);
        await _child.Process.StandardInput.FlushAsync();
    }

    /// <summary>Waits until something holds; fails with the program's output when it ends or the time is over.</summary>
    public Task UntilAsync(Func<Task<bool>> holds, TimeSpan atMost) => _child.UntilAsync(Path.GetFileName(_child.Process.StartInfo.FileName), holds, atMost);

    public Task UntilOutputAsync(string text, TimeSpan atMost) =>
        UntilAsync(() => Task.FromResult(Output.Contains(text, StringComparison.Ordinal)), atMost);

    /// <summary>kill -9: no handler runs, no buffer is flushed.</summary>
    public Task KillAsync() => _child.KillAsync();

    /// <summary>What Ctrl-C and systemd do; the exit code.</summary>
    public Task<int> StopAsync(TimeSpan? atMost = null) => _child.StopAsync(atMost ?? TimeSpan.FromSeconds(15));

    public Task<int> ExitAsync(TimeSpan atMost) => _child.ExitAsync(atMost);

    public ValueTask DisposeAsync() => _child.DisposeAsync();

    private static string Metadata(string key) => typeof(RunningProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(a => a.Key == key).Value!;
}
