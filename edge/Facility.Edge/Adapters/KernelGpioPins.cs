using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Channels;
using Facility.Edge.Ports;

namespace Facility.Edge.Adapters;

/// <summary>
/// The kernel's GPIO character device, uapi v2 (linux/gpio.h), without a library between: kernel timestamps
/// (CLOCK_MONOTONIC), one ordered queue over all lines, kernel debounce, and sequence numbers that reveal lost edges.
/// </summary>
/// <remarks>
/// Linux 5.10 and later. The chip is named by device (<c>gpiochip0</c>) or by label (<c>pinctrl-bcm2711</c>), as labels survive a
/// renumbering. One request holds at most 64 lines and 10 attributes (each other setting of pull or active-low, and each
/// period of debounce, is one). When the queue to the pipeline is full the reader waits; the kernel then keeps 1,024 edges
/// and drops the oldest after that, which shows here as <see cref="PinEdge.LostBefore"/>. A chip that goes away ends the
/// stream of edges with a <see cref="PinsException"/>.
/// </remarks>
internal sealed partial class KernelGpioPins(string chip) : IPins
{
    private const int MaxLines = 64;
    private const int EventSize = 48;
    private const int Interrupted = 4;
    private const uint GetLine = 0xC250B407;
    private const uint GetValues = 0xC010B40E;
    private const uint GetChipInfo = 0x8044B401;

    private readonly Channel<PinEdge> _edges = Channel.CreateBounded<PinEdge>(2048);
    private readonly CancellationTokenSource _stop = new();
    private Thread? _reader;
    private int _fd = -1;
    private int[] _offsets = [];

    public bool Debounces => true;

    public ChannelReader<PinEdge> Edges => _edges.Reader;

    public void Claim(IReadOnlyList<PinLine> lines)
    {
        if (lines.Count == 0)
        {
            return;
        }

        _offsets = [.. lines.Select(line => line.Pin)];
        var request = GpioRequest.Build(lines, MaxLines);
        using var device = OpenChip();
        if (Ioctl(device.Fd, GetLine, ref request[0]) < 0)
        {
            var error = Marshal.GetLastPInvokeErrorMessage();
            throw new PinsException($"{device.Path}: cannot claim pins {string.Join(", ", _offsets)}: {GpioLineInfo.WhyNot(device.Fd, _offsets) ?? error}");
        }

        _fd = BinaryPrimitives.ReadInt32LittleEndian(request.AsSpan(588));
        _reader = new Thread(ReadEdges) { IsBackground = true, Name = "gpio" };
        _reader.Start();
    }

    public bool[] ReadLevels()
    {
        if (_offsets.Length == 0)
        {
            return [];
        }

        Span<byte> values = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(values, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(values[8..], _offsets.Length == 64 ? ulong.MaxValue : (1UL << _offsets.Length) - 1);
        if (Ioctl(_fd, GetValues, ref values[0]) < 0)
        {
            throw new PinsException($"cannot read the levels of {chip}: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var bits = BinaryPrimitives.ReadUInt64LittleEndian(values);
        return [.. Enumerable.Range(0, _offsets.Length).Select(i => (bits >> i & 1) == 1)];
    }

    public void Dispose()
    {
        _stop.Cancel();
        _reader?.Join(TimeSpan.FromSeconds(1));
        _edges.Writer.TryComplete();
        if (_fd >= 0)
        {
            _ = Close(_fd);
            _fd = -1;
        }

        _stop.Dispose();
    }

    private void ReadEdges()
    {
        // As large as the kernel's queue: one read empties it.
        var buffer = new byte[EventSize * GpioRequest.QueueSize];
        uint expected = 1;
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                var poll = new PollFd { Fd = _fd, Events = 1 };
                if (Poll(ref poll, 1, 100) <= 0)
                {
                    continue;
                }

                var read = (int)Read(_fd, ref buffer[0], (nuint)buffer.Length);
                if (read < 0 && Marshal.GetLastPInvokeError() != Interrupted)
                {
                    _edges.Writer.TryComplete(new PinsException($"{chip} gives no more edges: {Marshal.GetLastPInvokeErrorMessage()}"));
                    return;
                }

                for (var rest = buffer.AsSpan(0, Math.Max(read, 0)); rest.Length >= EventSize; rest = rest[EventSize..])
                {
                    var seqno = BinaryPrimitives.ReadUInt32LittleEndian(rest[16..]);
                    var lost = seqno - expected;
                    expected = seqno + 1;
                    Write(new PinEdge(
                        LineOf(rest), IsActive(rest), BinaryPrimitives.ReadInt64LittleEndian(rest), lost == 0 ? null : new PinLoss(lost, LevelsBefore(rest))));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed while waiting for room.
        }
    }

    private void Write(PinEdge edge)
    {
        if (!_edges.Writer.TryWrite(edge))
        {
            _edges.Writer.WriteAsync(edge, _stop.Token).AsTask().GetAwaiter().GetResult();
        }
    }

    // A line that has edges had the opposite level before the first of them; another one has had its present level all the time.
    private bool[] LevelsBefore(ReadOnlySpan<byte> events)
    {
        var levels = ReadLevels();
        for (var at = events.Length - EventSize; at >= 0; at -= EventSize)
        {
            levels[LineOf(events[at..])] = !IsActive(events[at..]);
        }

        return levels;
    }

    private int LineOf(ReadOnlySpan<byte> e) => Array.IndexOf(_offsets, (int)BinaryPrimitives.ReadUInt32LittleEndian(e[12..]));

    // Rising is to the active level, also where that is low.
    private static bool IsActive(ReadOnlySpan<byte> e) => BinaryPrimitives.ReadUInt32LittleEndian(e[8..]) == 1;

    private Chip OpenChip()
    {
        var direct = chip.StartsWith('/') ? chip : "/dev/" + chip;
        var paths = File.Exists(direct) ? [direct] : Directory.EnumerateFiles("/dev", "gpiochip*").Order(StringComparer.Ordinal).ToArray();
        Span<byte> info = stackalloc byte[68];
        foreach (var path in paths)
        {
            var fd = Open(path, 0x80002); // O_RDWR | O_CLOEXEC
            if (fd < 0)
            {
                throw new PinsException($"cannot open {path}: {Marshal.GetLastPInvokeErrorMessage()} (is this user in the group gpio?)");
            }

            info.Clear();
            if (path == direct || (Ioctl(fd, GetChipInfo, ref info[0]) == 0 && Encoding.UTF8.GetString(info.Slice(32, 32)).TrimEnd('\0') == chip))
            {
                return new Chip(fd, path);
            }

            _ = Close(fd);
        }

        throw new PinsException($"no GPIO chip named or labelled \"{chip}\"; this machine has {(paths.Length == 0 ? "none" : string.Join(", ", paths))}");
    }

    private readonly record struct Chip(int Fd, string Path) : IDisposable
    {
        public void Dispose() => _ = Close(Fd);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int fd, nuint request, ref byte argument);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollFd fds, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint Read(int fd, ref byte buffer, nuint count);
}
