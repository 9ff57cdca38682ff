using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Facility.Tests.Programs;

/// <summary>A process of a run: what it printed last, how it ends. Disposing kills it and what it started.</summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private readonly Queue<string> _lines = new();
    private readonly int _mostLines;
    private readonly Action<string>? _onLine;

    /// <param name="start">Program, arguments and environment; its output is taken over.</param>
    /// <param name="mostLines">How many of its last lines <see cref="Output"/> keeps.</param>
    /// <param name="onLine">Told of each line, on a thread of the pool.</param>
    public ChildProcess(ProcessStartInfo start, int mostLines = 200, Action<string>? onLine = null)
    {
        (_mostLines, _onLine) = (mostLines, onLine);
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        Process = new Process { StartInfo = start };
        Process.OutputDataReceived += (_, e) => Keep(e.Data);
        Process.ErrorDataReceived += (_, e) => Keep(e.Data);
        Process.Start();
        Process.BeginOutputReadLine();
        Process.BeginErrorReadLine();
    }

    public Process Process { get; }

    public bool HasExited => Process.HasExited;

    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    /// <summary>Waits until something holds; a refused or broken connection means not yet. Fails with the output when the process ends or the time is over.</summary>
    public async Task UntilAsync(string what, Func<Task<bool>> holds, TimeSpan atMost)
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
            catch (Exception e) when (e is HttpRequestException or SocketException or IOException or TaskCanceledException)
            {
                // Not listening yet.
            }

            if (Process.HasExited || clock.Elapsed > atMost)
            {
                throw new TimeoutException(
                    $"{what}: not so after {clock.Elapsed.TotalSeconds:0} s; {(Process.HasExited ? $"it ended with code {Process.ExitCode}" : "it runs")}; it printed:\n{Output}");
            }

            await Task.Delay(20);
        }
    }

    /// <summary>kill -9: no handler runs, no buffer is flushed.</summary>
    public async Task KillAsync()
    {
        if (!Process.HasExited)
        {
            Process.Kill();
        }

        await Process.WaitForExitAsync();
    }

    /// <summary>What Ctrl-C and systemd do; the exit code.</summary>
    public async Task<int> StopAsync(TimeSpan atMost)
    {
        if (!Process.HasExited)
        {
            _ = kill(Process.Id, SigTerm);
        }

        return await ExitAsync(atMost);
    }

    public async Task<int> ExitAsync(TimeSpan atMost)
    {
        using var limit = new CancellationTokenSource(atMost);
        try
        {
            await Process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"still running after {atMost.TotalSeconds:0} s; it printed:\n{Output}");
        }

        return Process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!Process.HasExited)
        {
            Process.Kill(entireProcessTree: true);
            await Process.WaitForExitAsync();
        }

        Process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        _onLine?.Invoke(line);
        lock (_lines)
        {
            _lines.Enqueue(line);
            if (_lines.Count > _mostLines)
            {
                _lines.Dequeue();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int kill(int pid, int signal);
}
