using System.Globalization;
using System.Threading.Channels;
using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Facility.Edge.Adapters;

/// <summary>
/// The outbox on SQLite. One writer takes what is queued, up to 1,000 events, and commits it in one transaction (a commit alone
/// costs 18 KB of flash; in groups of 100 each event costs 0.6 KB).
/// </summary>
/// <remarks>
/// The queue holds 4,096 events and makes a producer wait. A disk that cannot be written to is tried again every second,
/// after deleting acknowledged events; while it lasts and the queue is full, events are dropped and counted, and told as
/// <c>lost</c> afterwards. One file, because queue, retry and recovery share their state. A corrupt file is set aside as <c>outbox.db.corrupt-(time)</c> and new streams begin.
/// </remarks>
internal sealed class SqliteOutbox : IOutbox
{
    private const int Capacity = 4096;
    private const int GroupSize = 1000;
    private static readonly TimeSpan Keep = TimeSpan.FromDays(7);
    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly Channel<Item> _queue = Channel.CreateBounded<Item>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _path;
    private readonly string _site;
    private readonly string _device;
    private readonly Task _writer;
    private OutboxDatabase _database;
    private DateTimeOffset _prunedAt;
    private volatile bool _failing;
    private long _dropped;

    private readonly record struct Item(NewEvent? Event, TaskCompletionSource? Flush);

    /// <exception cref="IOException">The folder cannot be written to, or is in use by another agent.</exception>
    public SqliteOutbox(string folder, string site, string device, TimeProvider time, ILogger<SqliteOutbox> log)
    {
        (_time, _log, _site, _device) = (time, log, site, device);
        _path = Path.Combine(folder, "outbox.db");
        try
        {
            Directory.CreateDirectory(folder);
            _database = Open();
            _database.Append([], time.GetUtcNow());
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

    public async ValueTask AppendAsync(NewEvent e, CancellationToken cancel)
    {
        while (!_queue.Writer.TryWrite(new Item(e, null)))
        {
            if (_failing)
            {
                Interlocked.Increment(ref _dropped);
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
            var stream = _database[kind];
            return new StreamInfo(stream.Id, stream.Oldest, stream.Highest, stream.Acknowledged, stream.IsNew);
        }
    }

    public (IReadOnlyList<DeviceEvent> Events, bool Synced) Read(StreamKind kind, long from, int atMost) =>
        Guarded(database => database.Read(kind, from, atMost), ([], true));

    public void MarkAcknowledged(StreamKind kind, long seq)
    {
        lock (_lock)
        {
            _database.MarkAcknowledged(kind, seq);
        }

        // A full queue has a writer at work, who saves the acknowledgement too.
        _queue.Writer.TryWrite(new Item(null, null));
    }

    public void BeginStream(StreamKind kind)
    {
        Guarded(database =>
        {
            database.BeginStream(kind, database[kind].HighestAtStart);
            return true;
        }, false);
        LevelsWanted?.Invoke();
        Written?.Invoke();
    }

    public void ReplaceByLoss(StreamKind kind, long seq) => Guarded(database =>
    {
        database.ReplaceByLoss(kind, seq);
        return true;
    }, false);

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _writer.ConfigureAwait(false);
        _database.Dispose();
        _stop.Dispose();
    }

    private async Task WriteAllAsync()
    {
        var events = new List<NewEvent>(GroupSize);
        var flushes = new List<TaskCompletionSource>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
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

            while (!TryWrite(events) && !_stop.IsCancellationRequested)
            {
                await Task.Delay(RetryInterval, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            events.Clear();
            flushes.ForEach(flush => flush.TrySetResult());
            flushes.Clear();
            Written?.Invoke();
        }
    }

    private bool TryWrite(List<NewEvent> events)
    {
        var now = _time.GetUtcNow();
        var dropped = Interlocked.Read(ref _dropped);
        try
        {
            lock (_lock)
            {
                _database.Append(dropped == 0 ? events : [.. events, new NewEvent(now, "", EventKinds.Lost, dropped, true)], now);
                if (now - _prunedAt > PruneInterval)
                {
                    _prunedAt = now;
                    _database.Prune(now - Keep);
                }
            }
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException)
        {
            try
            {
                return Recover(e, now);
            }
            catch (Exception again) when (again is SqliteException or InvalidOperationException or IOException or UnauthorizedAccessException)
            {
                // Setting a corrupt file aside failed too, on a full disk say: the next try begins here again.
                return false;
            }
        }

        if (_failing)
        {
            _failing = false;
            _log.LogInformation("The outbox can be written to again; {Dropped} events were dropped", dropped);
        }

        if (dropped > 0)
        {
            Interlocked.Add(ref _dropped, -dropped);
            LevelsWanted?.Invoke();
        }

        return true;
    }

    // Always false: the same events are tried again.
    private bool Recover(Exception e, DateTimeOffset now)
    {
        lock (_lock)
        {
            if (e is SqliteException damage && SqliteErrors.IsCorrupt(damage))
            {
                ReopenAfterDamage(damage);
                return false;
            }

            if (!_failing)
            {
                _failing = true;
                _log.LogError("The outbox cannot be written to: {Why}. Trying again every second", e.Message);
            }

            if (e is InvalidOperationException)
            {
                // Closed: an earlier recovery ended half way.
                _database = Open();
                return false;
            }

            try
            {
                _database.Prune(now);
            }
            catch (SqliteException)
            {
                // No room to make room; the next try may have more luck.
            }
        }

        return false;
    }

    private T Guarded<T>(Func<OutboxDatabase, T> use, T otherwise)
    {
        lock (_lock)
        {
            try
            {
                return use(_database);
            }
            catch (SqliteException e) when (SqliteErrors.IsCorrupt(e))
            {
                ReopenAfterDamage(e);
            }
            catch (SqliteException e)
            {
                _log.LogError("The outbox cannot be used: {Why}", e.Message);
            }

            return otherwise;
        }
    }

    private void ReopenAfterDamage(SqliteException e)
    {
        _log.LogError("The outbox is corrupt ({Why})", e.Message);
        _database.Dispose();
        SetAside();
        _database = Open();
        LevelsWanted?.Invoke();
    }

    private OutboxDatabase Open()
    {
        try
        {
            return new OutboxDatabase(_path, _site, _device);
        }
        catch (SqliteException e) when (SqliteErrors.IsCorrupt(e))
        {
            _log.LogError("The outbox is corrupt ({Why})", e.Message);
            SetAside();
            return new OutboxDatabase(_path, _site, _device);
        }
    }

    private void SetAside()
    {
        var suffix = ".corrupt-" + _time.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        foreach (var extra in new[] { "", "-wal", "-shm" }.Where(extra => File.Exists(_path + extra)))
        {
            File.Move(_path + extra, _path + suffix + extra, overwrite: true);
        }

        _log.LogWarning("It is set aside as {Path}, and new streams begin", _path + suffix);
    }
}
