using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Facility.Tests.Integration.Edge;

/// <summary>
/// A disk that knows what a power cut leaves of it: everything before the last flush, and of each write since then some
/// sectors and not others. A file of FUSE, so that ext4 over a loop device sends it its real writes and flushes, in order.
/// </summary>
/// <remarks>The kernel's FUSE protocol (linux/fuse.h, 7.31), as little of it as one file needs. Mounting takes root.</remarks>
internal sealed partial class PowerCutDisk : IDisposable
{
    private const int Sector = 512;
    private const int MostWrite = 128 * 1024;
    private const int HeaderIn = 40;
    private const int HeaderOut = 16;

    // A test that is killed while one of its threads waits for this disk cannot end: nobody answers, and every later use of a loop device
    // waits with it. Forcing the file's mount away ends the waiting.
    private const string Guard = "while s=$(cut -d' ' -f3 /proc/$0/stat 2>/dev/null) && [ \"$s\" != Z ]; do sleep 1; done; umount -f \"$1\"";

    private readonly Lock _lock = new();
    private readonly List<(long Offset, byte[] Data)> _sinceFlush = [];
    private readonly byte[] _present;
    private readonly byte[] _flushed;
    private readonly Thread _thread;
    private readonly int _fuse;
    private readonly Process _guard;

    /// <param name="path">The file that becomes the disk.</param>
    public PowerCutDisk(string path, byte[] content)
    {
        (Path, _present, _flushed) = (path, content, [.. content]);
        File.WriteAllBytes(path, []);
        _fuse = Open("/dev/fuse", 0x80002, 0);
        if (_fuse < 0 || Mount("powercut", path, "fuse", 0, $"fd={_fuse},rootmode=100600,user_id=0,group_id=0") != 0)
        {
            throw new IOException($"FUSE cannot be mounted: errno {Marshal.GetLastPInvokeError()}");
        }

        _guard = Process.Start("setsid", ["sh", "-c", Guard, Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), path]);
        _thread = new Thread(Serve) { IsBackground = true, Name = "power-cut disk" };
        _thread.Start();
    }

    public string Path { get; }

    /// <summary>Bytes that were written to it so far.</summary>
    public long Written { get; private set; }

    public int Flushes { get; private set; }

    /// <summary>What the disk holds after a power cut at this instant.</summary>
    public byte[] Cut(Random random)
    {
        lock (_lock)
        {
            byte[] left = [.. _flushed];
            foreach (var (offset, data) in _sinceFlush)
            {
                var chance = random.Next(5) / 4.0;
                for (var at = 0; at < data.Length; at += Sector)
                {
                    if (random.NextDouble() < chance)
                    {
                        data.AsSpan(at, Math.Min(Sector, data.Length - at)).CopyTo(left.AsSpan((int)offset + at));
                    }
                }
            }

            return left;
        }
    }

    public void Dispose()
    {
        _guard.Kill();
        _guard.Dispose();
        _ = Unmount(Path, 2);
        _thread.Join(TimeSpan.FromSeconds(10));
        _ = Close(_fuse);
    }

    private void Serve()
    {
        var request = new byte[MostWrite + 8192];
        while (true)
        {
            var length = Read(_fuse, request, request.Length);
            if (length < HeaderIn)
            {
                if (Marshal.GetLastPInvokeError() is 4 or 2 or 11)
                {
                    continue;
                }

                return;
            }

            var unique = BitConverter.ToUInt64(request, 8);
            var body = request.AsSpan(HeaderIn, (int)length - HeaderIn);
            var (error, answer) = Answer(BitConverter.ToUInt32(request, 4), body);
            if (answer is null)
            {
                continue;
            }

            var reply = new byte[HeaderOut + answer.Length];
            BinaryPrimitives.WriteInt32LittleEndian(reply, reply.Length);
            BinaryPrimitives.WriteInt32LittleEndian(reply.AsSpan(4), -error);
            BinaryPrimitives.WriteUInt64LittleEndian(reply.AsSpan(8), unique);
            answer.CopyTo(reply, HeaderOut);
            _ = Write(_fuse, reply, reply.Length);
        }
    }

    // Null: no answer is wanted.
    private (int Error, byte[]? Answer) Answer(uint operation, ReadOnlySpan<byte> body)
    {
        const int NotThere = 38;
        switch (operation)
        {
            case 26: // INIT
                return (0, Words(64, (0, 7), (1, 31), (3, 1 << 5), (4, 12 | (12 << 16)), (5, MostWrite), (6, 1)));
            case 3 or 4: // GETATTR, SETATTR
                return (0, Words(104, (0, 3600), (4, 1), (6, _present.Length), (8, _present.Length / Sector), (19, 0x8180), (20, 1), (24, 4096)));
            case 14: // OPEN
                return (0, new byte[16]);
            case 15: // READ
                return (0, _present.AsSpan((int)BitConverter.ToInt64(body[8..]), BitConverter.ToInt32(body[16..])).ToArray());
            case 16: // WRITE
                var (offset, size) = (BitConverter.ToInt64(body[8..]), BitConverter.ToInt32(body[16..]));
                lock (_lock)
                {
                    var data = body.Slice(40, size).ToArray();
                    data.CopyTo(_present, offset);
                    _sinceFlush.Add((offset, data));
                    Written += size;
                }

                return (0, Words(8, (0, size)));
            case 20: // FSYNC: all that was answered before is safe now
                lock (_lock)
                {
                    _sinceFlush.ForEach(write => write.Data.CopyTo(_flushed, write.Offset));
                    _sinceFlush.Clear();
                    Flushes++;
                }

                return (0, []);
            case 18 or 25: // RELEASE, FLUSH
                return (0, []);
            case 2 or 36 or 42: // FORGET, INTERRUPT
                return (0, null);
            default:
                return (NotThere, []);
        }
    }

    // A structure of 32-bit words, little endian as on every machine that this runs on.
    private static byte[] Words(int bytes, params (int Word, int Value)[] values)
    {
        var answer = new byte[bytes];
        foreach (var (word, value) in values)
        {
            BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(word * 4), value);
        }

        return answer;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int file, byte[] buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint Write(int file, byte[] buffer, nint count);

    [LibraryImport("libc", EntryPoint = "mount", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Mount(string source, string target, string type, nuint flags, string data);

    [LibraryImport("libc", EntryPoint = "umount2", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unmount(string target, int flags);
}
