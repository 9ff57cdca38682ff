using System.Collections.Immutable;
using System.Threading.Channels;
using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Facility.Edge.Adapters;

/// <summary>
/// The outbox on SQLite. One writer takes what is queued, up to 1,000 events, and commits it in one transaction; after it, when
/// nobody waits, it sees to it that there is room for the next, in steps so small that an alarm hardly waits for one.
/// </summary>
/// <remarks>
/// <para>Bounded: the queue holds 4,096 events and makes a producer wait; the file holds 256 MiB, some 6 million events. When the
/// file or the disk is full, what the server has makes room, then the oldest ordinary events; <c>oldest</c> tells the server.
/// Urgent events are never given up for it.</para>
/// <para>A disk that cannot be written to at all is tried again every second; while it lasts and the queue is full, events are
/// dropped and counted, ordinary ones first, and told as <c>lost</c> afterwards. A disk that is too full to begin on is such a
/// disk. A file that cannot be used is set aside, and new streams begin.</para>
/// <para>One file, because queue, retry and recovery share their state.</para>
/// </remarks>
internal sealed class SqliteOutbox : IOutbox
{
    public const long MostBytes = 256L << 20;
    private const int Capacity = 4096;
    private const int CapacityOrdinary = Capacity * 3 / 4;
    private const int GroupSize = 1000;
    private const int RoomPages = OutboxFile.ReservePages + 32;
    private static readonly TimeSpan Keep = TimeSpan.FromDays(7);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan PruneAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GrowInterval = TimeSpan.FromSeconds(5);

    private readonly Channel<Item> _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Func<OutboxDatabase> _open;
    private readonly string _path;
    private readonly Task _writer;
    private OutboxDatabase? _database;
    private long _opened;
    private long _prunedAt;
    private TimeSpan _pruneAfter = PruneInterval;
    private long _triedToGrowAt;
    private Task<bool>? _more;
    private bool _full;
    private bool _levelsDue;
    private volatile bool _failing;
    private (long Count, NewEvent Last) _dropped;

    // Faults of a file that was set aside: the new stream begins with them.
    private NewEvent[] _again = [];

    private readonly record struct Item(NewEvent? Event, TaskCompletionSource? Flush);

    /// <param name="boot">Names the run of the monotonic clock that stamps events while the wall clock is not set.</param>
    /// <param name="mostBytes">What the file may grow to.</param>
    /// <exception cref="IOException">The folder cannot be written to, or is in use by another agent. A full disk is waited for.</exception>
    public SqliteOutbox(string folder, string site, string device, string boot, TimeProvider time, ILogger<SqliteOutbox> log, long mostBytes = MostBytes)
    {
        (_time, _log) = (time, log);
        _path = Path.Combine(folder, "outbox.db");
        _open = () => new OutboxDatabase(_path, site, device, boot, mostBytes);
        try
        {
            Directory.CreateDirectory(folder);
            _database = Open();
            MakeRoom();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SqliteErrors.Full)
        {
            Tell(e);
        }
        catch (Exception e) when (e is SqliteException or UnauthorizedAccessException or IOException)
        {
            var why = e is SqliteException { SqliteErrorCode: SqliteErrors.Busy } ? "another facility-edge uses it" : e.Message;
            throw new IOException($"data folder {Path.GetFullPath(folder)} cannot be used: {why}", e);
        }

        _writer = Task.Run(WriteAllAsync);
    }

    public event Action? Written;

    public event Action? LevelsWanted;

    // Nothing until there was room to begin, and closed after a recovery that ended half way: both are opened by the next try.
    private OutboxDatabase Database => _database ?? throw new InvalidOperationException("it has not begun");

    private long Age => Database.AgeAtOpen + (long)_time.GetElapsedTime(_opened).TotalMilliseconds;

    public async ValueTask AppendAsync(NewEvent e, CancellationToken cancel)
    {
        while ((_failing && e.Stream == StreamKind.Ordinary && _queue.Reader.Count >= CapacityOrdinary) || !_queue.Writer.TryWrite(new Item(e, null)))
        {
            if (_failing)
            {
                Drop(1, e);
                return;
            }

            // The disk may begin to fail while this waits, so it looks again.
            await Task.WhenAny(_queue.Writer.WaitToWriteAsync(cancel).AsTask(), Task.Delay(RetryInterval, _time, cancel)).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
        }
    }

    public async Task FlushAsync(CancellationToken cancel)
    {
        var flush = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync(new Item(null, flush), cancel).ConfigureAwait(false);
        await flush.Task.WaitAsync(cancel).ConfigureAwait(false);
    }

    public StreamInfo Info(StreamKind kind)
    {
        lock (_lock)
        {
            if (_database is not { } database)
            {
                return new StreamInfo(Guid.Empty, 1, 0, 0, 0);
            }

            var stream = database[kind];
            return new StreamInfo(stream.Id, stream.Oldest, stream.Highest, stream.Acknowledged, stream.HighestAtStart);
        }
    }

    public OutboxBatch Read(Guid stream, long from, int atMost) => Guarded(database => database.Read(stream, from, atMost), OutboxBatch.Empty);

    public IReadOnlySet<(string Sensor, string Kind)> Standing
    {
        get
        {
            lock (_lock)
            {
                return _database?.Standing ?? ImmutableHashSet<(string Sensor, string Kind)>.Empty;
            }
        }
    }

    public bool TimeIsKnown(TimeSpan correction) => Guarded(
        database =>
        {
            database.TimeIsKnown(correction);
            return true;
        },
        false);

    public void MarkAcknowledged(Guid stream, long seq)
    {
        lock (_lock)
        {
            _database?.MarkAcknowledged(stream, seq);
        }
    }

    public void BeginStream(Guid insteadOf)
    {
        if (Guarded(database => database.BeginStream(insteadOf), false))
        {
            LevelsWanted?.Invoke();
            Written?.Invoke();
        }
    }

    public void ReplaceByLoss(Guid stream, long seq) => Guarded(
        database =>
        {
            database.ReplaceByLoss(stream, seq);
            return true;
        },
        false);

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _writer.ConfigureAwait(false);
        _database?.Dispose();
        _stop.Dispose();
    }

    private async Task WriteAllAsync()
    {
        var events = new List<NewEvent>(GroupSize);
        var flushes = new List<TaskCompletionSource>();
        while (await WaitAsync().ConfigureAwait(false))
        {
            while (events.Count < GroupSize && _queue.Reader.TryRead(out var item))
            {
                if (item.Event is { } e)
                {
                    events.Add(e);
                }
                else if (item.Flush is { } flush)
                {
                    flushes.Add(flush);
                }
            }

            var written = TryWrite(events);
            while (!written && !_stop.IsCancellationRequested)
            {
                await Task.Delay(RetryInterval, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                written = TryWrite(events);
            }

            Written?.Invoke();
            if (written)
            {
                events.Clear();
                if (TryTidy() && TryWrite(events))
                {
                    Written?.Invoke();
                }

                flushes.ForEach(flush => flush.TrySetResult());
            }
            else
            {
                _log.LogError("The outbox closes without {Count} events that it could not write", events.Count);
                events.Clear();
                flushes.ForEach(flush => flush.TrySetException(new IOException("the outbox closed and could not write")));
            }

            flushes.Clear();
        }
    }

    // While it is full it also wakes to see whether the disk has room again.
    private async Task<bool> WaitAsync()
    {
        _more ??= _queue.Reader.WaitToReadAsync().AsTask();
        if (_full)
        {
            await Task.WhenAny(_more, Task.Delay(GrowInterval, _time, _stop.Token)).ConfigureAwait(false);
            if (!_more.IsCompleted && !_stop.IsCancellationRequested)
            {
                return true;
            }
        }

        var more = await _more.ConfigureAwait(false);
        _more = null;
        return more;
    }

    private bool TryWrite(List<NewEvent> events)
    {
        (long Count, NewEvent Last) dropped;
        try
        {
            lock (_lock)
            {
                // An alarm waits for no more than its own pages: there is room, but after a failure.
                if (Database.FreePages < OutboxFile.ReservePages / 2)
                {
                    MakeRoom();
                }

                lock (_queue)
                {
                    dropped = _dropped;
                }

                IReadOnlyList<NewEvent> all = dropped.Count == 0 && _again.Length == 0 ? events
                    : [.. _again, .. events, .. dropped.Count == 0 ? (NewEvent[])[] : [dropped.Last with { Sensor = "", Kind = EventKinds.Lost, Value = dropped.Count }]];
                Database.Append(all, Age);
                _again = [];
            }
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException)
        {
            TryRecover(e);
            return false;
        }

        if (_failing)
        {
            _failing = false;
            _log.LogInformation("The outbox can be written to again; {Dropped} events were dropped", dropped.Count);
        }

        if (dropped.Count > 0)
        {
            lock (_queue)
            {
                _dropped = _dropped with { Count = _dropped.Count - dropped.Count };
            }

            LevelsWanted?.Invoke();
        }

        return true;
    }

    // After a write, when nobody waits for it. Whether there is now something more to tell.
    private bool TryTidy()
    {
        try
        {
            lock (_lock)
            {
                MakeRoom();
                if (_time.GetElapsedTime(_prunedAt) > _pruneAfter)
                {
                    _prunedAt = _time.GetTimestamp();
                    _pruneAfter = Database.Prune(Age - (long)Keep.TotalMilliseconds) ? PruneAgain : PruneInterval;
                }
            }

            lock (_queue)
            {
                return _dropped.Count > 0;
            }
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException)
        {
            TryRecover(e);
            return false;
        }
    }

    // Pages of the disk while it gives them, else of what matters least.
    private void MakeRoom()
    {
        var database = Database;
        var free = database.FreePages;
        if (free >= (_full ? 2 * RoomPages : OutboxFile.ReservePages) || ((!_full || _time.GetElapsedTime(_triedToGrowAt) >= GrowInterval) && TryGrow()))
        {
            if (_full)
            {
                _full = false;
                _log.LogInformation("The outbox has room again");
                TellLevels();
            }

            return;
        }

        if (!_full)
        {
            _full = true;
            _log.LogWarning("The disk or the outbox is full: what the server has makes room, then the oldest ordinary events");
        }

        while (database.FreePages < RoomPages && database.GiveBack(GroupSize) is { Deleted: > 0 } given)
        {
            if (given.Untold > 0)
            {
                Drop(given.Untold, Now("", EventKinds.Lost));
            }

            if (given.Lost > 0 && !_levelsDue)
            {
                _levelsDue = true;
                _log.LogError("Ordinary events that no server has are dropped for want of room");
            }
        }

        // The server is past the gap.
        if (database[StreamKind.Ordinary] is var ordinary && ordinary.Acknowledged >= ordinary.Oldest)
        {
            TellLevels();
        }
    }

    // By the clock that is always there.
    private NewEvent Now(string sensor, string kind) => new(DateTimeOffset.UnixEpoch + _time.GetElapsedTime(0), sensor, kind, 1, Synced: false);

    private void Drop(long count, NewEvent last)
    {
        lock (_queue)
        {
            _dropped = (_dropped.Count + count, last);
        }
    }

    private bool TryGrow()
    {
        _triedToGrowAt = _time.GetTimestamp();
        return Database.TryGrow();
    }

    private void TellLevels()
    {
        if (_levelsDue)
        {
            _levelsDue = false;
            LevelsWanted?.Invoke();
        }
    }

    // The same events are tried again after it.
    private void TryRecover(Exception e)
    {
        lock (_lock)
        {
            try
            {
                switch (e)
                {
                    case SqliteException damage when SqliteErrors.IsCorrupt(damage):
                        ReopenAfterDamage(damage);
                        break;
                    case InvalidOperationException:
                        // Closed, or never begun.
                        Tell(e);
                        _database = Open();
                        break;
                    default:
                        Tell(e);
                        break;
                }
            }
            catch (Exception again) when (again is SqliteException or InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                // Setting the file aside, or beginning a new one, failed too: the writer's next try begins here again.
                Tell(again);
            }
        }
    }

    private void Tell(Exception e)
    {
        if (!_failing)
        {
            _failing = true;
            _log.LogError("The outbox cannot be written to: {Why}. Trying again every second", e.Message);
        }
    }

    private T Guarded<T>(Func<OutboxDatabase, T> use, T otherwise)
    {
        lock (_lock)
        {
            try
            {
                return use(Database);
            }
            catch (SqliteException e) when (SqliteErrors.IsCorrupt(e))
            {
                TryRecover(e);
            }
            catch (Exception e) when (e is SqliteException or InvalidOperationException)
            {
                // InvalidOperation: closed, until the writer has opened it again.
                Tell(e);
            }

            return otherwise;
        }
    }

    private void ReopenAfterDamage(SqliteException e)
    {
        _again = [.. _again, .. Standing.Where(told => told.Kind == EventKinds.Fault).Select(told => Now(told.Sensor, told.Kind))];
        _database?.Dispose();
        SetAside(e.Message);
        _database = Open();
        LevelsWanted?.Invoke();
        _queue.Writer.TryWrite(default);
    }

    private OutboxDatabase Open()
    {
        _opened = _prunedAt = _time.GetTimestamp();
        try
        {
            return _open();
        }
        catch (SqliteException e) when (SqliteErrors.IsUnusable(e) && Path.Exists(_path))
        {
            SetAside(e.Message);
            return _open();
        }
    }

    private void SetAside(string why) => _log.LogError(
        "The outbox cannot be used ({Why}): it is set aside as {Path}, and new streams begin", why, OutboxShelf.SetAside(_path, _time.GetUtcNow()));
}
