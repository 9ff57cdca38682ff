using System.Diagnostics;

namespace Facility.Tests.Integration.Stories;

/// <summary>A small disk that can be filled to the last byte. Mounting needs root: elsewhere the test is skipped.</summary>
internal sealed class SmallDisk(string path) : IAsyncDisposable
{
    private readonly string _filler = Path.Combine(path, "filler");

    public static async Task<SmallDisk> MountAsync(string path, string size)
    {
        Directory.CreateDirectory(path);
        if (await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path) != 0)
        {
            Assert.Skip("a small disk cannot be mounted here (it needs root)");
        }

        return new SmallDisk(path);
    }

    public async Task FillAsync()
    {
        await using var file = new FileStream(_filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                await file.WriteAsync(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // Not a byte is left.
        }
    }

    public void Free() => File.Delete(_filler);

    public async ValueTask DisposeAsync() => _ = await RunAsync("umount", path);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
