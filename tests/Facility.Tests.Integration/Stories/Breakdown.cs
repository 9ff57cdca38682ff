using Facility.Contracts;
using Facility.Domain.Ingestion;
using Facility.Server.Adapters;
using static Facility.Tests.Integration.Stories.Doors;

namespace Facility.Tests.Integration.Stories;

/// <summary>Broker and server are killed, wiped and restored; every event still counts once.</summary>
public sealed class Breakdown
{
    [Fact]
    public async Task A_broker_that_lost_all_its_data_gets_the_acknowledgements_again_before_the_server_subscribes()
    {
        await using var server = await RealServer.StartAsync(brokerTellsPackets: true);
        await using (var before = await server.DeviceAsync("ratelaar"))
        {
            await before.SendAsync(In(before.Stream, 1, 3));
            await server.UntilAsync(() => before.Acknowledged() == 3);
            await server.Broker.KillAsync();
            await server.Broker.StartAgainAsync();

            // Nothing is sent: the server comes back by itself.
            await using var after = await server.DeviceAsync("ratelaar");
            await server.UntilAsync(() => after.Acknowledged(before.Stream) == 3);

            await server.Program.UntilAsync(
                async () =>
                {
                    // It was not subscribed yet when a batch came in between: the device sends again.
                    await after.SendAsync(In(before.Stream, 4, 4));
                    return after.Acknowledged(before.Stream) == 4;
                },
                RealServer.Soon);
        }

        var packets = server.Broker.Output.Split('\n').Where(l => l.Contains("from facility-server", StringComparison.Ordinal)).ToList();
        var ack = packets.FindIndex(p => p.Contains("PUBLISH", StringComparison.Ordinal) && p.Contains("/ack/", StringComparison.Ordinal));
        var subscribe = packets.FindIndex(p => p.Contains("SUBSCRIBE", StringComparison.Ordinal));
        Assert.True(ack >= 0 && ack < subscribe, string.Join('\n', packets));

        // One connection tells them all: of two an older one could come last, and stay.
        Assert.DoesNotContain(packets, p => p.Contains("PUBLISH from facility-server ", StringComparison.Ordinal));
        await server.CountsAsync("ratelaar", 4);
        Assert.False((await server.DeviceAsStateAsync("ratelaar")).Faulty);
    }

    [Fact]
    public async Task A_killed_server_goes_on_where_its_disk_was()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = await server.DeviceAsync("ratelaar");
        await device.SendAsync(In(device.Stream, 1, 200));
        await server.UntilAsync(() => device.Acknowledged() == 200);
        await server.Program.KillAsync();

        var before = device.Acks.Count;
        await server.StartAgainAsync();
        await server.UntilAsync(() => device.Acks.Count > before);
        Assert.Equal(200, device.Acknowledged());

        await device.SendAsync(In(device.Stream, 1, 200));
        await device.SendAsync(In(device.Stream, 201, 210));
        await server.UntilAsync(() => device.Acknowledged() == 210);
        await server.CountsAsync("ratelaar", 210);
    }

    [Fact]
    public async Task A_server_put_back_to_an_older_copy_asks_the_device_again_and_reaches_the_true_sum()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = await server.DeviceAsync("ratelaar");
        await device.SendAsync(In(device.Stream, 1, 10));
        await server.UntilAsync(() => device.Acknowledged() == 10);
        await server.CountsAsync("ratelaar", 10);
        await server.Program.StopAsync();
        RealServer.CopyFolder(server.Data, server.Copy);

        await server.StartAgainAsync();
        await device.SendAsync(In(device.Stream, 11, 25));
        var young = Guid.NewGuid();
        await device.SendAsync(In(young, 1, 5));
        await server.UntilAsync(() => device.Acknowledged() == 25 && device.Acknowledged(young) == 5);
        await server.CountsAsync("ratelaar", 30);
        await server.Program.StopAsync();

        Directory.Delete(server.Data, recursive: true);
        Directory.Move(server.Copy, server.Data);
        await server.StartAgainAsync();
        await server.UntilAsync(() => device.Acknowledged() == 10);

        // The copy knows nothing of the younger stream. It says so though the device has nothing new to send: the broker keeps what was acknowledged.
        await server.UntilAsync(() => device.Acknowledged(young) == 0);
        await device.SendAsync(In(young, 1, 6));
        await device.SendAsync(In(device.Stream, 11, 26));
        await server.UntilAsync(() => device.Acknowledged() == 26 && device.Acknowledged(young) == 6);
        await server.CountsAsync("ratelaar", 32);
        Assert.Equal(0, (await server.DeviceAsStateAsync("ratelaar")).Lost);
    }

    [Fact]
    public async Task A_device_that_states_absurd_losses_is_shown_with_the_most_that_can_be_lost_also_after_a_restart()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = await server.DeviceAsync("ratelaar");
        for (var first = 1; first <= 1500; first += 300)
        {
            await device.SendAsync(Batch(device.Stream, 1, Enumerable.Range(first, 300).Select(seq => Event(seq, "", "lost", $"{Limits.MaxSeq}"))));
        }

        await server.UntilAsync(() => device.Acknowledged() == 1500);
        Assert.Equal(Limits.MaxSeq, (await server.DeviceAsStateAsync("ratelaar")).Lost);
        await server.Program.StopAsync();
        await server.StartAgainAsync();
        Assert.Equal(Limits.MaxSeq, (await server.DeviceAsStateAsync("ratelaar")).Lost);
    }

    [Fact]
    public async Task An_event_of_a_clock_that_was_not_set_happened_its_age_before_it_was_received()
    {
        await using var server = await RealServer.StartAsync();
        await using var device = await server.DeviceAsync("ratelaar");
        var sent = DateTimeOffset.UtcNow;
        await device.SendAsync($$"""
            {"v":1,"stream":"{{device.Stream}}","oldest":1,"sentAt":"1970-01-01T00:30:00.000Z","clockSynced":false,
             "events":[{"seq":1,"at":"1970-01-01T00:10:00.000Z","sensor":"main-door","kind":"passage","value":1}]}
            """);
        await server.UntilAsync(() => device.Acknowledged() == 1);
        var acknowledged = DateTimeOffset.UtcNow;
        await server.CountsAsync("ratelaar", 1);
        await server.Program.StopAsync();

        using var journal = new SqliteJournal(Path.Combine(server.Data, "journal.db"), TimeProvider.System);
        var e = journal.Read(0).Select(entry => entry.Fact).OfType<EventsJournaled>().Single().Events.Single();
        Assert.InRange(e.At, sent.AddMinutes(-20).AddSeconds(-1), acknowledged.AddMinutes(-20).AddSeconds(1));
        Assert.False(e.TimeCertain);
    }
}
