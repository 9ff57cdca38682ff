using System.Diagnostics;
using System.Text;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.GpioChip;

/// <summary>
/// The arm64 VM of tests/gpio-vm, and publishing for it. Where it cannot be had the test is skipped with the script's reason.
/// What is built stays in artifacts/, which makes the next run faster.
/// </summary>
internal static class GpioVm
{
    // Publishing shares folders, and two VMs at once only take each other's time.
    private static readonly SemaphoreSlim OneAtATime = new(1);

    private static string Scripts { get; } = Path.Combine(RunningProgram.Root, "tests/gpio-vm");

    private static string Artifacts { get; } = Path.Combine(RunningProgram.Root, "artifacts/arm64");

    /// <summary>The folder with the native program.</summary>
    public static Task<string> PublishNativeAsync(string project) =>
        PublishAsync(Path.Combine(Scripts, "publish-arm64"), [project], project, ["--artifacts-path", Artifacts]);

    /// <summary>The folder with a program that brings its runtime along, for what native compilation cannot do.</summary>
    public static Task<string> PublishSelfContainedAsync(string project) => PublishAsync(
        "dotnet", ["publish", project, "-c", "Release", "-r", "linux-arm64", "--self-contained", "-o"], project, ["--artifacts-path", Artifacts + "-sc"]);

    /// <summary>What a command printed that runs as root among these files in the guest; fails with all of it when the command fails.</summary>
    public static Task<string> RunAsync(string files, string command) =>
        RunAsync(Path.Combine(Scripts, "gpio-vm"), ["--files", files, "--timeout", "900", "--run", command]);

    private static async Task<string> PublishAsync(string program, string[] before, string project, string[] after)
    {
        var folder = Path.Combine(Artifacts, "publish", Path.GetFileName(project));
        await RunAsync(program, [.. before, folder, "-v", "quiet", "--nologo", .. after]);
        return folder;
    }

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        await OneAtATime.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = RunningProgram.Root };
            using var process = new Process { StartInfo = start };
            var (output, all) = (new StringBuilder(), new StringBuilder());
            process.OutputDataReceived += (_, e) => Keep(e.Data, output, all);
            process.ErrorDataReceived += (_, e) => Keep(e.Data, all);
            process.Start();
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.SkipWhen(process.ExitCode == 77, all.ToString().Trim());
            Assert.True(process.ExitCode == 0, $"{Path.GetFileName(program)} ended with code {process.ExitCode}:\n{all}");
            return output.ToString();
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    private static void Keep(string? line, params StringBuilder[] into)
    {
        foreach (var text in line is null ? [] : into)
        {
            lock (into[^1])
            {
                text.AppendLine(line);
            }
        }
    }
}
