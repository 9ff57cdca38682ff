using Facility.Contracts.Mqtt;
using Facility.Edge.Adapters;
using Facility.Edge.Domain;
using Facility.Edge.Ports;
using Facility.Edge.Uplink;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Edge;

/// <summary>A device without a battery for its clock, from the event to the bytes of the batch.</summary>
public sealed class OutboxClockTests : IDisposable
{
    private static readonly DateTimeOffset Set = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("outbox").FullName;
    private readonly FakeTimeProvider _time = new();
    private readonly TestClock _clock = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Events_of_before_the_clock_was_set_are_sent_with_the_right_time_once_it_is()
    {
        await using var outbox = Open("boot-1");
        await AddAsync(outbox, seconds: 10);
        await AddAsync(outbox, seconds: 20);
        _clock.Synced = true;
        await AddAsync(outbox, seconds: 30);
        var batch = Send(outbox, seconds: 40);
        Assert.True(batch.ClockSynced);
        Assert.Equal([Set.AddSeconds(10), Set.AddSeconds(20), Set.AddSeconds(30)], batch.Events.Select(e => e.At));
    }

    [Fact]
    public async Task Also_after_a_restart_of_the_agent_in_the_same_boot()
    {
        await using (var outbox = Open("boot-1"))
        {
            await AddAsync(outbox, seconds: 10);
        }

        _clock.Synced = true;
        await using var again = Open("boot-1");
        var batch = Send(again, seconds: 40);
        Assert.True(batch.ClockSynced);
        Assert.Equal(Set.AddSeconds(10), Assert.Single(batch.Events).At);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-30)]
    [InlineData(30)]
    public async Task Sent_while_it_is_not_set_they_give_their_age_and_never_change_after(int jumpYears)
    {
        await using var outbox = Open("boot-1");
        await AddAsync(outbox, seconds: 10);
        _clock.Jump(jumpYears);
        await AddAsync(outbox, seconds: 20);
        var unset = Send(outbox, seconds: 25);
        Assert.False(unset.ClockSynced);
        Assert.Equal([15.0, 5.0], unset.Events.Select(e => (unset.SentAt - e.At).TotalSeconds));

        // Now it is set: the published two stay as they are, the third is new.
        _clock.Jump(0);
        _clock.Synced = true;
        await AddAsync(outbox, seconds: 30);
        var again = Send(outbox, seconds: 40);
        Assert.False(again.ClockSynced);
        Assert.Equal(unset.Events, again.Events);
        Assert.Equal([30.0, 20.0], again.Events.Select(e => (again.SentAt - e.At).TotalSeconds));
        var rest = Send(outbox, seconds: 40, acknowledged: 2);
        Assert.True(rest.ClockSynced);
        Assert.Equal(Set.AddSeconds(30), Assert.Single(rest.Events).At);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_a_reboot_the_unknown_time_without_power_counts_as_nothing_and_stays_uncertain(bool synced)
    {
        await using (var outbox = Open("boot-1"))
        {
            await AddAsync(outbox, seconds: 100);
            await AddAsync(outbox, seconds: 160);
        }

        _clock.Synced = synced;
        await using var rebooted = Open("boot-2");
        await AddAsync(rebooted, seconds: 7);
        var old = Send(rebooted, seconds: 12);
        Assert.False(old.ClockSynced);
        Assert.Equal([72.0, 12.0], old.Events.Select(e => (old.SentAt - e.At).TotalSeconds));
        var present = Send(rebooted, seconds: 12, acknowledged: 2);
        Assert.Equal(synced, present.ClockSynced);
        Assert.Equal(5.0, (present.SentAt - Assert.Single(present.Events).At).TotalSeconds);
    }

    [Fact]
    public async Task Right_times_of_an_earlier_boot_are_not_sent_at_a_time_of_a_clock_that_is_not_set()
    {
        _clock.Synced = true;
        await using (var outbox = Open("boot-1"))
        {
            await AddAsync(outbox, seconds: 10);
        }

        _clock.Synced = false;
        await using var rebooted = Open("boot-2");
        var batch = Send(rebooted, seconds: 5);
        Assert.True(batch.ClockSynced);
        Assert.Equal((Set.AddSeconds(10), Set.AddSeconds(10)), (batch.SentAt, Assert.Single(batch.Events).At));
    }

    [Fact]
    public async Task Only_the_first_word_on_the_time_of_a_boot_counts()
    {
        await using var outbox = Open("boot-1");
        await AddAsync(outbox, seconds: 10);
        _clock.Synced = true;
        var first = Send(outbox, seconds: 20);
        _clock.Jump(3);
        Assert.Equal(first.Events, Send(outbox, seconds: 30).Events);
    }

    [Fact]
    public async Task Looking_for_what_stands_fixes_no_time_and_finds_what_was_not_ended()
    {
        await using var outbox = Open("boot-1");
        foreach (var (sensor, value) in new[] { ("main-door", 1.0), ("hall-pir", 1.0), ("main-door", 0.0) })
        {
            await outbox.AppendAsync(new NewEvent(DateTimeOffset.UnixEpoch.AddSeconds(10), sensor, EventKinds.Fault, value, Synced: false), CancellationToken.None);
        }

        await outbox.FlushAsync(CancellationToken.None);
        Assert.Equal([("hall-pir", EventKinds.Fault)], outbox.Standing);
        outbox.TimeIsKnown(Set - DateTimeOffset.UnixEpoch);
        var batch = outbox.Read(StreamKind.Urgent, 1, 10);
        Assert.Equal((null, Set.AddSeconds(10)), (batch.MonotonicZero, batch.Events[0].At));
    }

    private SqliteOutbox Open(string boot) => new(_folder, "ratelaar", "ratelaar-01", boot, _time, NullLogger<SqliteOutbox>.Instance);

    private async Task AddAsync(SqliteOutbox outbox, double seconds)
    {
        _clock.Seconds = seconds;
        var now = _clock.Read();
        await outbox.AppendAsync(new NewEvent(now.ToWall(now.MonotonicNs), "main-door", "passage", 1, now.Synced), CancellationToken.None);
        await outbox.FlushAsync(CancellationToken.None);
    }

    // The first batch that a connection of now would send.
    private EventBatch Send(SqliteOutbox outbox, double seconds, long acknowledged = 0)
    {
        _clock.Seconds = seconds;
        outbox.MarkAcknowledged(StreamKind.Ordinary, acknowledged);
        var uplink = new StreamUplink(StreamKind.Ordinary, outbox, _clock, NullLogger.Instance);
        uplink.Connected(TimeSpan.Zero);
        return BatchReader.Read(uplink.Next(TimeSpan.Zero)).Batch!;
    }

    /// <summary>Was set at 9:00 on 24 November 2026 by the true time, which is also when it was booted.</summary>
    private sealed class TestClock : IEdgeClock
    {
        private TimeSpan _jump;

        public double Seconds { get; set; }

        public bool Synced { get; set; }

        public void Jump(int years) => _jump = Set.AddYears(years) - Set;

        public ClockReading Read() => new((long)(Seconds * 1e9), (Synced ? Set : DateTimeOffset.UnixEpoch.AddYears(40)).AddSeconds(Seconds) + _jump, Synced);
    }
}
