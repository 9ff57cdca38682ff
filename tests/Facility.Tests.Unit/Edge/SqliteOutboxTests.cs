using Facility.Edge.Adapters;
using Facility.Edge.Ports;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Edge;

public sealed class SqliteOutboxTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outbox").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Events_survive_a_restart_in_two_streams_each_numbered_from_1()
    {
        StreamInfo before;
        await using (var outbox = Open())
        {
            await AddAsync(outbox, "passage", 1, 1);
            await AddAsync(outbox, "alarm", 1);
            before = outbox.Info(StreamKind.Ordinary);
        }

        await using var again = Open();
        Assert.Equal(before with { HighestAtStart = 2 }, again.Info(StreamKind.Ordinary));
        Assert.Equal([1, 2], again.Read(StreamKind.Ordinary, 1, 10).Events.Select(e => e.Seq));
        Assert.Equal("alarm", Assert.Single(again.Read(StreamKind.Urgent, 1, 10).Events).Kind);
    }

    [Fact]
    public async Task Acknowledged_events_are_kept_for_seven_days_and_a_lower_acknowledgement_is_obeyed()
    {
        await using var outbox = Open();
        await AddAsync(outbox, "passage", 1, 1, 1);
        outbox.MarkAcknowledged(StreamKind.Ordinary, 2);
        _time.Advance(TimeSpan.FromDays(6));
        await AddAsync(outbox, "passage", 1);
        Assert.Equal(1, outbox.Info(StreamKind.Ordinary).Oldest);
        _time.Advance(TimeSpan.FromDays(2));
        await AddAsync(outbox, "passage", 1);
        Assert.Equal(3, outbox.Info(StreamKind.Ordinary).Oldest);
        outbox.MarkAcknowledged(StreamKind.Ordinary, 1);
        Assert.Equal(1, outbox.Info(StreamKind.Ordinary).Acknowledged);
    }

    [Fact]
    public async Task Another_device_begins_new_streams_that_carry_what_was_not_acknowledged()
    {
        Guid old;
        await using (var outbox = Open())
        {
            await AddAsync(outbox, "passage", 1, 2, 3);
            outbox.MarkAcknowledged(StreamKind.Ordinary, 1);
            await outbox.FlushAsync(CancellationToken.None);
            old = outbox.Info(StreamKind.Ordinary).Id;
        }

        await using var other = Open("ratelaar-02");
        Assert.NotEqual(old, other.Info(StreamKind.Ordinary).Id);
        Assert.Equal([(1L, 2.0), (2L, 3.0)], other.Read(StreamKind.Ordinary, 1, 10).Events.Select(e => (e.Seq, e.Value)));
    }

    [Fact]
    public async Task What_an_old_copy_made_since_its_start_moves_to_a_new_stream_and_levels_are_wanted()
    {
        await using (var outbox = Open())
        {
            await AddAsync(outbox, "passage", 1, 2);
        }

        await using var copy = Open();
        var wanted = 0;
        copy.LevelsWanted += () => wanted++;
        await AddAsync(copy, "passage", 7);
        copy.BeginStream(StreamKind.Ordinary);
        Assert.Equal([(1L, 7.0)], copy.Read(StreamKind.Ordinary, 1, 10).Events.Select(e => (e.Seq, e.Value)));
        Assert.Equal((1L, 1L, 0L, 1), (copy.Info(StreamKind.Ordinary).Oldest, copy.Info(StreamKind.Ordinary).Highest, copy.Info(StreamKind.Ordinary).HighestAtStart, wanted));
    }

    [Fact]
    public async Task A_refused_event_is_replaced_by_a_loss_of_one_with_the_same_number()
    {
        await using var outbox = Open();
        await AddAsync(outbox, "passage", 1, 2, 3);
        outbox.ReplaceByLoss(StreamKind.Ordinary, 2);
        Assert.Equal([(1L, "passage", 1.0), (2L, "lost", 1.0), (3L, "passage", 3.0)], outbox.Read(StreamKind.Ordinary, 1, 10).Events.Select(e => (e.Seq, e.Kind, e.Value)));
    }

    [Theory]
    [InlineData(-20)]
    [InlineData(20)]
    public async Task A_jump_of_the_clock_by_years_loses_reorders_and_prunes_nothing(int years)
    {
        var now = _time.GetUtcNow();
        var wall = new JumpingClock(_time);
        await using var outbox = new SqliteOutbox(_folder, "ratelaar", "ratelaar-01", "boot", wall, NullLogger<SqliteOutbox>.Instance);
        await AddAsync(outbox, "passage", 1, 2);
        outbox.MarkAcknowledged(StreamKind.Ordinary, 2);
        wall.Jump = now.AddYears(years) - now;
        _time.Advance(TimeSpan.FromDays(6));
        await outbox.AppendAsync(new NewEvent(wall.GetUtcNow(), "x", "passage", 3, true), CancellationToken.None);
        await outbox.FlushAsync(CancellationToken.None);
        Assert.Equal([(1L, 1.0), (2L, 2.0), (3L, 3.0)], outbox.Read(StreamKind.Ordinary, 1, 10).Events.Select(e => (e.Seq, e.Value)));
        Assert.Equal(1, outbox.Info(StreamKind.Ordinary).Oldest);
    }

    [Fact]
    public async Task A_folder_in_use_or_not_writable_is_told()
    {
        await using var outbox = Open();
        Assert.Contains("another facility-edge uses it", Assert.Throws<IOException>(() => Open()).Message, StringComparison.Ordinal);
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "");
        Assert.Contains("cannot be used", Assert.Throws<IOException>(() => new SqliteOutbox(file, "s", "d", "boot", _time, NullLogger<SqliteOutbox>.Instance)).Message, StringComparison.Ordinal);
    }

    private SqliteOutbox Open(string device = "ratelaar-01") => new(_folder, "ratelaar", device, "boot", _time, NullLogger<SqliteOutbox>.Instance);

    private async Task AddAsync(SqliteOutbox outbox, string kind, params double[] values)
    {
        foreach (var value in values)
        {
            await outbox.AppendAsync(new NewEvent(_time.GetUtcNow(), "x", kind, value, true), CancellationToken.None);
        }

        await outbox.FlushAsync(CancellationToken.None);
    }

    private sealed class JumpingClock(TimeProvider inner) : TimeProvider
    {
        public TimeSpan Jump { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override long GetTimestamp() => inner.GetTimestamp();

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow() + Jump;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(callback, state, dueTime, period);
    }
}
