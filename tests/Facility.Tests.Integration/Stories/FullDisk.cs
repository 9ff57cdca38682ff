using System.Diagnostics;

namespace Facility.Tests.Integration.Stories;

/// <summary>A small disk without a free byte. Mounting needs root: elsewhere the test is skipped.</summary>
internal sealed class FullDisk(string path) : IAsyncDisposable
{
    public static async Task<FullDisk> MountAsync(string path)
    {
        Directory.CreateDirectory(path);
        if (await RunAsync("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", path) != 0)
        {
            Assert.Skip("a small full disk cannot be mounted here (it needs root)");
        }

        await using var file = File.Create(Path.Combine(path, "filler"));
        try
        {
            while (true)
            {
                await file.WriteAsync(new byte[4096]);
                await file.FlushAsync();
            }
        }
        catch (IOException)
        {
            return new FullDisk(path);
        }
    }

    public async ValueTask DisposeAsync() => _ = await RunAsync("umount", path);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
