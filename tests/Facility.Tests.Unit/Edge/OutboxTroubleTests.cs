using System.Collections.Concurrent;
using Facility.Contracts.Mqtt;
using Facility.Edge.Adapters;
using Facility.Edge.Ports;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Edge;

/// <summary>An outbox that is damaged, or full to its bound.</summary>
public sealed class OutboxTroubleTests : IDisposable, ILogger<SqliteOutbox>
{
    private readonly string _folder = Directory.CreateTempSubdirectory("outbox").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));
    private readonly ConcurrentQueue<string> _log = new();

    private string File => Path.Combine(_folder, "outbox.db");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("garbage")]
    [InlineData("garbage header")]
    [InlineData("torn page")]
    [InlineData("cut off")]
    [InlineData("empty")]
    [InlineData("another schema")]
    [InlineData("another version")]
    [InlineData("a table less")]
    [InlineData("a folder")]
    public async Task An_outbox_that_cannot_be_used_is_set_aside_and_told_and_new_streams_begin(string damage)
    {
        Guid before;
        await using (var outbox = Open())
        {
            await AddAsync(outbox, "passage", 5000);
            await AddAsync(outbox, "alarm", 10);
            before = outbox.Info(StreamKind.Ordinary).Id;
        }

        Damage(damage);
        await using (var outbox = Open())
        {
            Assert.NotEqual(before, outbox.Info(StreamKind.Ordinary).Id);
            Assert.Equal((0L, 0L), (outbox.Info(StreamKind.Ordinary).HighestAtStart, outbox.Info(StreamKind.Urgent).HighestAtStart));
            await AddAsync(outbox, "passage", 1);
            Assert.Equal(1, outbox.Info(StreamKind.Ordinary).Highest);
        }

        var aside = Assert.Single(Directory.GetFileSystemEntries(_folder, "outbox.db.corrupt-20261124T090000000Z"));
        Assert.Contains($"it is set aside as {aside}, and new streams begin", Assert.Single(_log), StringComparison.Ordinal);

        // And that is all: the next start is an ordinary one.
        await using var again = Open();
        Assert.Equal(1, again.Info(StreamKind.Ordinary).Highest);
        Assert.Single(_log);
    }

    [Fact]
    public async Task One_that_is_found_damaged_while_it_runs_is_set_aside_and_levels_are_wanted()
    {
        await using var outbox = Open();
        var levels = 0;
        outbox.LevelsWanted += () => levels++;
        await AddAsync(outbox, "passage", 100_000);
        var before = outbox.Info(StreamKind.Ordinary).Id;
        Damage("torn page");

        // SQLite may still have the page in memory: others are read until it has not.
        for (var from = 1; from < 100_000 && outbox.Info(StreamKind.Ordinary).Id == before; from += 500)
        {
            outbox.Read(StreamKind.Ordinary, from, 500);
        }

        Assert.NotEqual(before, outbox.Info(StreamKind.Ordinary).Id);
        Assert.Equal(1, levels);
        await AddAsync(outbox, "passage", 1);
        Assert.Equal(1, outbox.Info(StreamKind.Ordinary).Highest);
    }

    [Fact]
    public async Task Only_the_newest_three_are_kept()
    {
        for (var i = 0; i < 6; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await System.IO.File.WriteAllTextAsync(File, new string('x', 8192));
            await Open().DisposeAsync();
        }

        Assert.Equal(
            ["outbox.db.corrupt-20261124T090004000Z", "outbox.db.corrupt-20261124T090005000Z", "outbox.db.corrupt-20261124T090006000Z"],
            Directory.GetFiles(_folder, "*corrupt*").Select(Path.GetFileName).Where(name => !name!.Contains('-', StringComparison.Ordinal) || !name.EndsWith("wal", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task At_its_bound_the_oldest_ordinary_events_make_room_and_urgent_ones_stay()
    {
        await using var outbox = Open(mostBytes: 2 << 20);
        await AddAsync(outbox, "passage", 60_000);
        await AddAsync(outbox, "alarm", 5_000);
        await AddAsync(outbox, "passage", 5_000);
        var (urgent, ordinary) = (outbox.Info(StreamKind.Urgent), outbox.Info(StreamKind.Ordinary));
        Assert.Equal((1L, 5_000L, 65_000L), (urgent.Oldest, urgent.Highest, ordinary.Highest));
        Assert.InRange(ordinary.Oldest, 20_000, 60_000);
        Assert.InRange(new FileInfo(File).Length, 1 << 20, 2 << 20);
        Assert.Equal(ordinary.Oldest, outbox.Read(StreamKind.Ordinary, 1, 1).Events[0].Seq);
    }

    [Fact]
    public async Task At_its_bound_what_the_server_has_goes_first_and_nothing_is_lost()
    {
        await using var outbox = Open(mostBytes: 2 << 20);
        for (var i = 0; i < 60; i++)
        {
            await AddAsync(outbox, "passage", 1_000);
            outbox.MarkAcknowledged(StreamKind.Ordinary, outbox.Info(StreamKind.Ordinary).Highest - 500);
        }

        Assert.InRange(outbox.Info(StreamKind.Ordinary).Oldest, 2, 59_501);
        Assert.DoesNotContain(_log, line => line.Contains("dropped", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_could_never_be_numbered_is_told_as_lost_once_and_right()
    {
        // Only urgent events that no server has: nothing may make room for more.
        await using var outbox = Open(mostBytes: 850 << 10);
        var alarms = 0L;
        for (var i = 0; i < 60 && !_log.Any(line => line.Contains("cannot be written", StringComparison.Ordinal)); i++, alarms += 1000)
        {
            for (var j = 0; j < 1000; j++)
            {
                await outbox.AppendAsync(Event("alarm"), CancellationToken.None);
            }

            await UntilAsync(() => outbox.Info(StreamKind.Urgent).Highest == (i + 1) * 1000L || _log.Any(line => line.Contains("cannot be written", StringComparison.Ordinal)));
        }

        Assert.Contains(_log, line => line.Contains("cannot be written", StringComparison.Ordinal));

        // The queue takes 4,096, of which ordinary events leave a quarter to urgent ones.
        for (var i = 0; i < 6000; i++)
        {
            await outbox.AppendAsync(Event("passage"), CancellationToken.None);
        }

        for (var i = 0; i < 2000; i++)
        {
            await outbox.AppendAsync(Event("alarm"), CancellationToken.None);
        }

        var full = outbox.Info(StreamKind.Urgent);
        outbox.MarkAcknowledged(StreamKind.Urgent, full.Highest);
        var flush = outbox.FlushAsync(CancellationToken.None);
        await UntilAsync(() => flush.IsCompleted);
        var (urgent, ordinary) = (outbox.Info(StreamKind.Urgent), outbox.Info(StreamKind.Ordinary));
        var events = new List<DeviceEvent>();

        // A batch is of one state of the clock, and a loss of a loss has no time of the wall clock.
        while (outbox.Read(StreamKind.Ordinary, events.LastOrDefault().Seq + 1, 10_000).Events is { Count: > 0 } more)
        {
            events.AddRange(more);
        }

        var lost = events.Where(e => e.Kind == "lost").ToList();
        Assert.Equal(events.Count, ordinary.Highest - ordinary.Oldest + 1);

        // Each of the 8,000 and of those that were stuck is held, or told once: as lost, or by a gap below the oldest.
        var (urgentTaken, stuck) = (urgent.Highest - full.Highest, alarms - full.Highest);
        Assert.Equal(8000 + stuck, urgentTaken + events.Count - lost.Count + (long)lost.Sum(e => e.Value) + ordinary.Oldest - 1);
        Assert.True(urgentTaken >= 1024, $"{urgentTaken} urgent events were taken");
        Assert.NotEmpty(lost);
    }

    [Fact]
    public async Task A_backlog_goes_to_the_stream_of_another_device_also_where_the_file_can_hardly_grow()
    {
        await using (var outbox = Open())
        {
            await AddAsync(outbox, "passage", 100_000);
        }

        // A copy of the backlog takes some 1,200 pages; there are some 600 free ones, and these.
        await using var renamed = Open(new FileInfo(File).Length + (256 * 4096), "ratelaar-02");
        var moved = renamed.Info(StreamKind.Ordinary);
        Assert.Equal((1L, 100_000L), (moved.Oldest, moved.Highest));
        Assert.DoesNotContain(_log, line => line.Contains("cannot be written", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_stands_is_known_after_its_event_was_acknowledged_and_pruned_and_until_it_is_ended()
    {
        await using (var outbox = Open())
        {
            await outbox.AppendAsync(Event("fault"), CancellationToken.None);
            await outbox.AppendAsync(Event("button"), CancellationToken.None);
            await outbox.FlushAsync(CancellationToken.None);
            outbox.MarkAcknowledged(StreamKind.Urgent, 2);
            _time.Advance(TimeSpan.FromDays(8));
            await outbox.FlushAsync(CancellationToken.None);
            Assert.Equal(3, outbox.Info(StreamKind.Urgent).Oldest);
        }

        await using (var again = Open())
        {
            Assert.Equal([("x", "button"), ("x", "fault")], again.Standing.Order());
            await again.AppendAsync(Event("fault") with { Value = 0 }, CancellationToken.None);
            await again.FlushAsync(CancellationToken.None);
            Assert.Equal([("x", "button")], again.Standing);
        }

        // A file of before there was a table for it tells it by its events.
        Sql("DROP TABLE standing");
        await using var older = Open();
        Assert.Empty(older.Standing);
    }

    [Fact]
    public async Task An_acknowledgement_of_a_stream_that_is_no_more_touches_no_other()
    {
        await using var outbox = Open();
        await AddAsync(outbox, "passage", 3);
        var former = outbox.Info(StreamKind.Ordinary).Id;
        outbox.BeginStream(former);
        var present = outbox.Info(StreamKind.Ordinary);
        Assert.NotEqual(former, present.Id);
        outbox.MarkAcknowledged(former, 3);
        outbox.ReplaceByLoss(former, 1);
        outbox.BeginStream(former);
        Assert.Equal(present, outbox.Info(StreamKind.Ordinary));
        Assert.Empty(outbox.Read(former, 1, 10).Events);
        Assert.All(outbox.Read(present.Id, 1, 10).Events, e => Assert.Equal("passage", e.Kind));
    }

    private async Task UntilAsync(Func<bool> holds)
    {
        for (var i = 0; i < 10_000 && !holds(); i++)
        {
            _time.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Delay(5);
        }

        Assert.True(holds());
    }

    private void Damage(string damage)
    {
        var length = new FileInfo(File).Length;
        switch (damage)
        {
            case "garbage":
                System.IO.File.WriteAllText(File, new string('x', 20_000));
                break;
            case "garbage header":
                Overwrite(0, 100);
                break;
            case "torn page":
                // Every leaf in the middle: which page holds what is SQLite's affair.
                for (var at = 8 * 4096L; at < length; at += 4096)
                {
                    Overwrite(at, 2048);
                }

                break;
            case "cut off":
                using (var file = System.IO.File.OpenWrite(File))
                {
                    file.SetLength(9 * 4096);
                }

                break;
            case "empty":
                System.IO.File.WriteAllBytes(File, []);
                break;
            case "another schema":
                System.IO.File.Delete(File);
                Sql("CREATE TABLE people(name TEXT)");
                break;
            case "another version":
                Sql("PRAGMA user_version=99");
                break;
            case "a table less":
                Sql("DROP TABLE boots");
                break;
            case "a folder":
                System.IO.File.Delete(File);
                Directory.CreateDirectory(File);
                break;
        }
    }

    private void Overwrite(long at, int length)
    {
        using var file = new FileStream(File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        file.Position = at;
        file.Write(Enumerable.Repeat((byte)0xA5, length).ToArray());
    }

    private void Sql(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteOutbox Open(long mostBytes = SqliteOutbox.MostBytes, string device = "ratelaar-01") => new(_folder, "ratelaar", device, "boot", _time, this, mostBytes);

    private NewEvent Event(string kind) => new(_time.GetUtcNow(), "x", kind, 1, true);

    private async Task AddAsync(SqliteOutbox outbox, string kind, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await outbox.AppendAsync(Event(kind), CancellationToken.None);
        }

        await outbox.FlushAsync(CancellationToken.None);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Enqueue(formatter(state, exception));
}
