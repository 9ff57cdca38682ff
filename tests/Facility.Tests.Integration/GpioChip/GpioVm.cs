using System.Diagnostics;
using System.Text;
using Facility.Tests.Integration.Package;
using Facility.Tests.Integration.Services;
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

    private static readonly string[] Quiet = ["-v", "quiet", "--nologo"];

    private static string Scripts { get; } = Path.Combine(RunningProgram.Root, "tests/gpio-vm");

    private static string Artifacts { get; } = Path.Combine(RunningProgram.Root, "artifacts/arm64");

    private static string Published { get; } = Path.Combine(Artifacts, "publish");

    /// <summary>The edge as its package brings it, native.</summary>
    public static async Task TakeEdgeAsync()
    {
        using var folder = new TemporaryFolder();
        var program = await BuiltPackage.ProgramAsync(folder.Path, "arm64");
        var target = Directory.CreateDirectory(Path.Combine(Published, "Facility.Edge"));
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(program)!))
        {
            File.Copy(file, Path.Combine(target.FullName, Path.GetFileName(file)), overwrite: true);
        }
    }

    /// <summary>A program that brings its runtime along, for what native compilation cannot do.</summary>
    public static Task PublishSelfContainedAsync(string project) => RunAsync(
        "dotnet",
        ["publish", project, "-c", "Release", "-r", "linux-arm64", "--self-contained", "-o", Path.Combine(Published, Path.GetFileName(project)), .. Quiet, "--artifacts-path", Artifacts + "-self-contained"]);

    /// <summary>What a command printed that runs as root in the guest, where each published project has a folder; fails with all of it when the command fails.</summary>
    public static Task<string> RunAsync(string command) =>
        RunAsync(Path.Combine(Scripts, "gpio-vm"), ["--files", Published, "--timeout", "1200", "--run", command]);

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
