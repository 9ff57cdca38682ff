using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;
using Facility.Tests.Integration.Services;

namespace Facility.Tests.Integration.Edge;

/// <summary>The outbox on a disk whose power is cut: what it said was written is there, and the file is sound.</summary>
public sealed class PowerCuts(ITestOutputHelper output)
{
    private const int Cuts = 200;

    // The outbox grows to a bound, and then forgets what the server has: all but so many of a stream.
    private const int Kept = 2000;
    private const long Bound = 2 << 20;

    [Fact]
    [Trait("length", "long")]
    public async Task After_each_of_200_power_cuts_while_writing_no_written_event_is_missing()
    {
        SmallDisk.Require();
        Assert.SkipUnless(File.Exists("/dev/fuse"), "the kernel has no FUSE here");
        using var folder = new TemporaryFolder();
        SmallDisk.Format(folder["image"], 16);
        using var disk = new PowerCutDisk(folder["disk"], await File.ReadAllBytesAsync(folder["image"]));
        using var card = SmallDisk.Mount(disk.Path, folder["card"]);
        var random = new Random(20261124);
        var written = new long[2];
        using var stop = new CancellationTokenSource();
        var writer = Task.Run(() => WriteAsync(card.Path, written, stop.Token));
        var (torn, missing) = (0, new List<string>());
        for (var cut = 0; cut < Cuts; cut++)
        {
            await Task.Delay(random.Next(60));
            long[] before = [Interlocked.Read(ref written[0]), Interlocked.Read(ref written[1])];

            // A file of its own: a loop device that is still going away may show a file by the same name as it was.
            var image = folder[$"image-{cut}"];
            await File.WriteAllBytesAsync(image, disk.Cut(random));
            long[] acknowledged = [Math.Max(0, Interlocked.Read(ref written[0]) - Kept), Math.Max(0, Interlocked.Read(ref written[1]) - Kept)];
            using var left = SmallDisk.Mount(image, folder[$"left-{cut}"]);
            torn += before[1] > 0 && File.Exists(Path.Combine(left.Path, "outbox.db-wal")) ? 1 : 0;
            File.Delete(image);
            Assert.True(before.Sum() == 0 || Outboxes.Integrity(left.Path) == "ok", $"cut {cut}: the file is damaged");
            var log = new Outboxes.Log();
            await using var outbox = Outboxes.Open(left.Path, log, Bound);
            Assert.DoesNotContain("set aside", before.Sum() == 0 ? "" : log.Text, StringComparison.Ordinal);
            foreach (var kind in (StreamKind[])[StreamKind.Urgent, StreamKind.Ordinary])
            {
                var info = outbox.Info(kind);
                var all = outbox.All(kind);
                Assert.All(all, e => Assert.Equal(Value(kind, e.Seq), e.Value));
                if (info.Highest < before[(int)kind] || (before[(int)kind] > 0 && info.Oldest > acknowledged[(int)kind] + 1))
                {
                    missing.Add($"cut {cut}: {kind} holds {info.Oldest} to {info.Highest}, and {before[(int)kind]} were written");
                    output.WriteLine(missing[^1]);
                }
            }
        }

        await stop.CancelAsync();
        await writer;
        output.WriteLine($"{Cuts} cuts, {torn} with a write-ahead log; {written[0]} urgent and {written[1]} ordinary events, {disk.Flushes} flushes, {disk.Written / 1e6:0} MB written");
        Assert.Empty(missing);
        Assert.True(written[1] > 1000);
    }

    private static double Value(StreamKind kind, long seq) => kind == StreamKind.Urgent ? seq % 2 : (seq % 20) + 1;

    // Says in written what the outbox has said is on the disk.
    private static async Task WriteAsync(string folder, long[] written, CancellationToken stop)
    {
        await using var outbox = Outboxes.Open(folder, mostBytes: Bound);
        var random = new Random(1);
        long[] made = [0, 0];
        while (!stop.IsCancellationRequested)
        {
            for (var i = random.Next(1, 30); i > 0; i--)
            {
                var kind = random.Next(4) == 0 ? StreamKind.Urgent : StreamKind.Ordinary;
                var value = Value(kind, ++made[(int)kind]);
                await outbox.AddAsync("x", kind == StreamKind.Urgent ? EventKinds.Contact : EventKinds.Passage, value);
            }

            await outbox.FlushAsync();
            Interlocked.Exchange(ref written[0], made[0]);
            Interlocked.Exchange(ref written[1], made[1]);
            outbox.MarkAcknowledged(StreamKind.Urgent, Math.Max(0, made[0] - Kept));
            outbox.MarkAcknowledged(StreamKind.Ordinary, Math.Max(0, made[1] - Kept));
        }
    }
}
