using System.Diagnostics;
using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;
using Facility.Tests.Integration.Services;

namespace Facility.Tests.Integration.Edge;

/// <summary>What a day of events costs the card, and how soon an alarm is on it. Counted at the device, under ext4 and its journal.</summary>
public sealed class CardWear(ITestOutputHelper output)
{
    private const int Events = 1000;
    private const int EventsADay = 5000;

    [Fact]
    public async Task A_day_of_5000_events_one_by_one_writes_at_most_100_MB_and_an_alarm_is_on_disk_at_once()
    {
        SmallDisk.Require();
        Assert.SkipUnless(File.Exists("/dev/fuse"), "the kernel has no FUSE here");
        using var folder = new TemporaryFolder();
        SmallDisk.Format(folder["image"], 64);
        using var disk = new PowerCutDisk(folder["disk"], await File.ReadAllBytesAsync(folder["image"]));
        using var card = SmallDisk.Mount(disk.Path, folder["card"]);
        await using var outbox = Outboxes.Open(card.Path);
        var (first, opened) = (disk.Written, disk.Flushes);
        var took = new List<double>();
        for (var i = 1; i <= Events; i++)
        {
            var urgent = i % 10 == 0;
            var clock = Stopwatch.StartNew();
            await outbox.AddAsync("x", urgent ? EventKinds.Contact : EventKinds.Passage, 1);
            await outbox.FlushAsync();
            took.Add(clock.Elapsed.TotalMilliseconds);
            outbox.MarkAcknowledged(urgent ? StreamKind.Urgent : StreamKind.Ordinary, outbox.Info(urgent ? StreamKind.Urgent : StreamKind.Ordinary).Highest);

            // 5,000 a day are 17 s apart: the file system writes what it held back, for 30 s, after every second one.
            if (i % 2 == 0)
            {
                card.Sync();
            }
        }

        // The simulated disk is as fast as memory; this machine's own is a real one.
        await using var here = Outboxes.Open(folder["here"]);
        var real = new List<double>();
        for (var i = 0; i < Events / 5; i++)
        {
            var clock = Stopwatch.StartNew();
            await here.AddAsync("x", EventKinds.Alarm, 1);
            await here.FlushAsync();
            real.Add(clock.Elapsed.TotalMilliseconds);
        }

        var each = (disk.Written - first) / (double)Events;
        output.WriteLine($"{first / 1e6:0.0} MB to make the outbox; {each / 1000:0.0} KB an event alone, {each * EventsADay / 1e6:0} MB a day of {EventsADay}; {disk.Flushes - opened} flushes");
        Tell("the simulated card", took);
        Tell("the disk of this machine", real);
        Assert.InRange(each * EventsADay, 1, 100e6);
    }

    private void Tell(string disk, List<double> took)
    {
        took.Sort();
        output.WriteLine($"on {disk} after (ms): median {took[took.Count / 2]:0.00}, p99 {took[took.Count * 99 / 100]:0.00}, longest {took[^1]:0.00}");
    }
}
