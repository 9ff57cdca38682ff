using System.Diagnostics;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Package;

/// <summary>A script of this repository; exit code 77 skips the test with its last line as the reason.</summary>
internal static class Script
{
    /// <summary>What it printed; fails the test, with all of it, at another code than 0.</summary>
    /// <param name="path">In the repository.</param>
    public static async Task<string> RunAsync(TimeSpan atMost, string path, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(RunningProgram.Root, path), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(atMost);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.SkipWhen(process.ExitCode == 77, (await errors).TrimEnd().Split('\n')[^1]);
            Assert.True(process.ExitCode == 0, $"{path} ended with code {process.ExitCode}:\n{await output}\n{await errors}");
            return await output;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{path} did not end within {atMost.TotalMinutes} minutes");
        }
    }
}
