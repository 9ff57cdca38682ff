using Facility.Contracts.Rest;
using static Facility.Tests.Integration.Stories.Doors;

namespace Facility.Tests.Integration.Stories;

/// <summary>Section 2.2 of the contract, over a real broker and the real server process that both stay up.</summary>
public sealed class Acknowledgement(SharedServer shared) : IClassFixture<SharedServer>
{
    private RealServer Server => shared.Server;

    [Fact]
    public async Task An_acknowledgement_is_retained_for_who_subscribes_later()
    {
        await using var device = await Server.DeviceAsync("ratelaar");
        await device.SendAsync(In(device.Stream, 1, 3));
        await Server.UntilAsync(() => device.Acknowledged() == 3);
        Assert.Equal(3, await Server.RetainedAsync("ratelaar", device.Stream));

        // A gap that the device still holds is answered with the present acknowledgement, and journals nothing.
        var before = device.Acks.Count;
        await device.SendAsync(In(device.Stream, 9, 9));
        await Server.UntilAsync(() => device.Acks.Count > before);
        Assert.Equal(3, device.Acknowledged());

        // A batch that overlaps gives its tail alone; the same again gives nothing.
        await device.SendAsync(In(device.Stream, 2, 5));
        await device.SendAsync(In(device.Stream, 2, 5));
        await Server.UntilAsync(() => device.Acks.Count >= before + 2 && device.Acknowledged() == 5);
        await Server.CountsAsync("ratelaar", 5);
        Assert.False((await Server.DeviceAsStateAsync("ratelaar")).Faulty);
    }

    [Fact]
    public async Task What_a_device_no_longer_holds_is_lost_once_also_when_it_is_sent_again()
    {
        await using var device = await Server.DeviceAsync("batau");
        await device.SendAsync(In(device.Stream, 101, 102, oldest: 101));
        await device.SendAsync(In(device.Stream, 101, 102, oldest: 101));
        await Server.UntilAsync(() => device.Acknowledged() == 102);
        await device.SendAsync(In(device.Stream, 103, 103, oldest: 101));
        await Server.UntilAsync(() => device.Acknowledged() == 103);
        await Server.CountsAsync("batau", 3);
        Assert.Equal(100, (await Server.DeviceAsStateAsync("batau")).Lost);

        // What it had to drop before it could number it adds to that.
        await device.SendAsync(Batch(device.Stream, 104, Event(104, "", "lost", "7")));
        await Server.UntilDeviceAsync("batau", d => d.Lost == 107);
    }

    [Fact]
    public async Task Other_content_under_a_known_number_shows_the_device_as_faulty_and_counts_nothing_twice()
    {
        await using var device = await Server.DeviceAsync("galecop");
        await device.SendAsync(In(device.Stream, 1, 3));
        await device.SendAsync(In(device.Stream, 1, 3, persons: 2));
        await Server.UntilDeviceAsync("galecop", d => d.Faulty);
        await device.SendAsync(In(device.Stream, 4, 4));
        await Server.UntilAsync(() => device.Acknowledged() == 4);
        await Server.CountsAsync("galecop", 4);
    }

    [Fact]
    public async Task A_fifth_stream_clears_the_acknowledgement_of_the_longest_silent_which_can_still_come_back()
    {
        await using var device = await Server.DeviceAsync("doorslag");
        Guid[] streams = [.. Enumerable.Range(0, 5).Select(_ => Guid.NewGuid())];
        foreach (var stream in streams)
        {
            await device.SendAsync(In(stream, 1, 2));
            await Server.UntilAsync(() => device.Acknowledged(stream) == 2);
        }

        await RetainedAreAsync(streams[1..]);
        await device.SendAsync(In(streams[0], 3, 3));
        await Server.UntilAsync(() => device.Acknowledged(streams[0]) == 3);
        await RetainedAreAsync([.. streams[2..], streams[0]]);
        await Server.CountsAsync("doorslag", 11);
        Assert.Equal(0, (await Server.DeviceAsStateAsync("doorslag")).Lost);
    }

    [Fact]
    public async Task The_offline_of_an_older_connection_is_ignored()
    {
        await using var device = await Server.DeviceAsync("componist");
        var (older, newer) = (Guid.NewGuid(), Guid.NewGuid());
        await device.TellAsync("online", older);
        await Server.UntilDeviceAsync("componist", d => d.State == DeviceState.Online);
        await device.TellAsync("online", newer);
        await device.TellAsync("offline", older);

        // What is acknowledged after it shows that the server has read it.
        await device.SendAsync(In(device.Stream, 1, 1));
        await Server.UntilAsync(() => device.Acknowledged() == 1);
        Assert.Equal(DeviceState.Online, (await Server.DeviceAsStateAsync("componist")).State);

        await device.TellAsync("offline", newer);
        await Server.UntilDeviceAsync("componist", d => d.State == DeviceState.Offline);
    }

    private Task RetainedAreAsync(Guid[] streams) => Server.Program.UntilAsync(
        async () =>
        {
            await using var late = await Server.DeviceAsync("doorslag");
            await Server.UntilAsync(() => late.Acks.Count >= streams.Length);
            return late.Acks.Select(a => a.Stream).Order().SequenceEqual(streams.Order());
        },
        RealServer.Soon);
}
