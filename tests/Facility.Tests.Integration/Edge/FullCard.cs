using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;
using Facility.Tests.Integration.Services;
using Facility.Tests.Integration.Stories;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Edge;

/// <summary>A real file system without a free byte under the outbox.</summary>
public sealed class FullCard
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly string Config = Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json");

    [Fact]
    public async Task Urgent_events_still_fit_the_oldest_ordinary_make_room_and_it_heals_by_itself()
    {
        SmallDisk.Require();
        using var folder = new TemporaryFolder();
        SmallDisk.Format(folder["image"], 16);
        using var card = SmallDisk.Mount(folder["image"], folder["card"]);
        var log = new Outboxes.Log();
        var outbox = Outboxes.Open(card.Path, log);
        await AddAsync(outbox, EventKinds.Passage, 1000);
        card.Fill();
        await AddAsync(outbox, EventKinds.Passage, 20_000);
        await AddAsync(outbox, EventKinds.Contact, 500);
        Check(outbox, 21_000, 500);
        Assert.InRange(outbox.Info(StreamKind.Ordinary).Oldest, 2, 20_000);
        Assert.Contains("The disk or the outbox is full", log.Text, StringComparison.Ordinal);

        // It can also be opened again on a full disk, and goes on.
        await outbox.DisposeAsync();
        outbox = Outboxes.Open(card.Path, log);
        await AddAsync(outbox, EventKinds.Passage, 5000);
        await AddAsync(outbox, EventKinds.Contact, 500);
        Check(outbox, 26_000, 1000);

        var levels = 0;
        outbox.LevelsWanted += () => Interlocked.Increment(ref levels);
        card.Empty();
        await Until.TrueAsync("it has room again", () => Task.FromResult(log.Text.Contains("room again", StringComparison.Ordinal)), TimeSpan.FromSeconds(10));
        await Until.TrueAsync("levels are wanted", () => Task.FromResult(levels == 1), Soon);
        var oldest = outbox.Info(StreamKind.Ordinary).Oldest;
        await AddAsync(outbox, EventKinds.Passage, 20_000);
        Check(outbox, 46_000, 1000);
        Assert.Equal((oldest, 1), (outbox.Info(StreamKind.Ordinary).Oldest, levels));
        await outbox.DisposeAsync();
        Assert.Equal("ok", Outboxes.Integrity(card.Path));
    }

    [Fact]
    public async Task On_a_disk_that_is_full_before_it_ever_began_it_waits_for_room_and_then_has_lost_nothing()
    {
        SmallDisk.Require();
        using var folder = new TemporaryFolder();
        SmallDisk.Format(folder["image"], 16);
        using var card = SmallDisk.Mount(folder["image"], folder["card"]);
        card.Fill();
        var log = new Outboxes.Log();
        await using var outbox = Outboxes.Open(card.Path, log);
        for (var i = 0; i < 100; i++)
        {
            await outbox.AddAsync("aed-door", EventKinds.Contact, i % 2);
        }

        Assert.Equal(0, outbox.Info(StreamKind.Urgent).Highest);
        Assert.Empty(outbox.Read(StreamKind.Urgent, 1, 500).Events);
        card.Empty();
        await Until.TrueAsync("all is written", () => Task.FromResult(outbox.Info(StreamKind.Urgent).Highest == 100), TimeSpan.FromSeconds(10));
        Assert.Equal(100, outbox.All(StreamKind.Urgent).Count);
        Assert.Single(log.Text.Split('\n'), line => line.Contains("cannot be written to", StringComparison.Ordinal));
        Assert.DoesNotContain("set aside", log.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_agent_lives_on_a_full_disk_with_its_log_there_too_and_stops_when_told()
    {
        SmallDisk.Require();
        using var folder = new TemporaryFolder();
        SmallDisk.Format(folder["image"], 16);
        using var card = SmallDisk.Mount(folder["image"], folder["card"]);
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await using var edge = RunningProgram.EdgeLoggingTo(
            Path.Combine(card.Path, "log"), "--config", Config, "--simulate", "--stdin", "--broker", $"mqtt://127.0.0.1:{broker.Port}", "--data", Path.Combine(card.Path, "edge"));
        await edge.UntilAsync(() => Task.FromResult(server.Batches(true).Count > 0), Soon);
        card.Fill();
        for (var i = 0; i < 50; i++)
        {
            await edge.WriteLineAsync("no-such-sensor 1");
            await edge.WriteLineAsync("help-button 1\nhelp-button 0");
        }

        await edge.UntilAsync(() => Task.FromResult(server.InOrder(true).Count(e => e.Sensor == "help-button") >= 100), Soon);
        Assert.Equal(0, await edge.StopAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task What_made_room_is_told_to_the_server_once_and_right()
    {
        using var folder = new TemporaryFolder();
        await using var server = await RealServer.StartAsync();
        long dropped;
        await using (var outbox = Outboxes.Open(folder["edge"], mostBytes: 1 << 20))
        {
            for (var i = 0; i < 20; i++)
            {
                await AddAsync(outbox, EventKinds.Presence, 1000);
            }

            dropped = outbox.Info(StreamKind.Ordinary).Oldest - 1;
        }

        Assert.InRange(dropped, 1000, 19_999);
        for (var (life, acknowledged) = (0, 20_000L); life < 2; life++)
        {
            await using var edge = RunningProgram.Edge(
                "--config", Config, "--simulate", "--stdin", "--broker", $"mqtt://127.0.0.1:{server.Broker.Port}", "--data", folder["edge"]);
            await edge.UntilOutputAsync("Connected to", Soon);
            await server.UntilDeviceAsync("ratelaar", d => d.Streams.Any(s => s.Acknowledged > acknowledged) && d.Streams.All(s => s.Lag == 0));
            acknowledged = (await server.DeviceAsStateAsync("ratelaar")).Streams.Max(s => s.Acknowledged);
            Assert.Equal(dropped, (await server.DeviceAsStateAsync("ratelaar")).Lost);
            Assert.Equal(0, await edge.StopAsync());
        }
    }

    private static async Task AddAsync(Facility.Edge.Adapters.SqliteOutbox outbox, string kind, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await outbox.AddAsync(kind == EventKinds.Presence ? "hall-pir" : "main-door", kind, kind == EventKinds.Presence ? i % 2 : i);
        }

        await outbox.FlushAsync();
    }

    // Every number is used; all urgent events are there; of the ordinary ones the newest, without a hole.
    private static void Check(Facility.Edge.Adapters.SqliteOutbox outbox, long ordinary, long urgent)
    {
        Assert.Equal(ordinary, outbox.Info(StreamKind.Ordinary).Highest);
        Assert.Equal(urgent, outbox.All(StreamKind.Urgent).Count);
        var held = outbox.All(StreamKind.Ordinary);
        Assert.Equal(ordinary - outbox.Info(StreamKind.Ordinary).Oldest + 1, held.Count);
        Assert.NotEmpty(held);
    }
}
