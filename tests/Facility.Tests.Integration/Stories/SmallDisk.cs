using System.Diagnostics;

namespace Facility.Tests.Integration.Stories;

/// <summary>A small disk that can be filled to the last byte. Mounting needs root: elsewhere the test is skipped.</summary>
internal sealed class SmallDisk(string path) : IAsyncDisposable
{
    private readonly string _filler = Path.Combine(path, "filler");

    public bool IsFull { get; private set; }

    /// <summary>How often it was filled so far.</summary>
    public int Fillings { get; private set; }

    public static async Task<SmallDisk> MountAsync(string path, string size)
    {
        var disk = await TryMountAsync(path, size);
        Assert.SkipWhen(disk is null, "a small disk cannot be mounted here (it needs root)");
        return disk!;
    }

    /// <summary>Null where it cannot be mounted.</summary>
    public static async Task<SmallDisk?> TryMountAsync(string path, string size)
    {
        Directory.CreateDirectory(path);
        return await RunAsync("mount", "-t", "tmpfs", "-o", $"size={size}", "tmpfs", path) == 0 ? new SmallDisk(path) : null;
    }

    public async Task FillAsync()
    {
        IsFull = true;
        Fillings++;
        await using var file = new FileStream(_filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in (int[])[1 << 20, 4096])
        {
            try
            {
                while (true)
                {
                    await file.WriteAsync(new byte[size]);
                }
            }
            catch (IOException)
            {
                // Not so much is left; after the smallest size not a byte.
            }
        }
    }

    public void Free()
    {
        File.Delete(_filler);
        IsFull = false;
    }

    public async ValueTask DisposeAsync() => _ = await RunAsync("umount", path);

    private static async Task<int> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        await process.WaitForExitAsync();
        return process.ExitCode;
    }
}
