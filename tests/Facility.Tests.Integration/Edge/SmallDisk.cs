using System.Diagnostics;

namespace Facility.Tests.Integration.Edge;

/// <summary>A small ext4 of its own, over a loop device. Mounting needs root: elsewhere the test is skipped by name.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    private string Filler => System.IO.Path.Combine(Path, "filler");

    public static void Require() => Assert.SkipUnless(
        Environment.UserName == "root" && File.Exists("/dev/loop-control") && File.Exists("/usr/sbin/mkfs.ext4"),
        "a file system of its own cannot be mounted here (it needs root, loop devices and mkfs.ext4)");

    /// <summary>An image with an empty ext4, as it comes on a card: blocks of 4 KiB and a journal.</summary>
    public static void Format(string image, int megabytes)
    {
        using (var file = File.Create(image))
        {
            file.SetLength((long)megabytes << 20);
        }

        Run("mkfs.ext4", "-q", "-F", "-b", "4096", "-J", "size=4", "-E", "lazy_itable_init=0,lazy_journal_init=0,nodiscard", image);
    }

    public static SmallDisk Mount(string image, string path)
    {
        Directory.CreateDirectory(path);
        Run("mount", "-o", "loop", image, path);
        return new SmallDisk(path);
    }

    /// <summary>Leaves no byte.</summary>
    public void Fill()
    {
        using var file = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var size in (int[])[1 << 20, 4096, 1])
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[size]);
                    file.Flush(flushToDisk: size > 4096);
                }
            }
            catch (IOException)
            {
                // Full for this size.
            }
        }
    }

    public void Empty() => File.Delete(Filler);

    /// <summary>All that the file system still holds back, to the device.</summary>
    public void Sync() => Run("sync", "-f", Path);

    public void Dispose()
    {
        try
        {
            Run("umount", Path);
        }
        catch (IOException)
        {
            // A test that failed still has a file open.
            Run("umount", "-l", Path);
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new IOException($"{program} {string.Join(' ', arguments)}: {error}");
        }
    }
}
