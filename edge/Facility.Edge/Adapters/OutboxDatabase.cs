using System.Collections.Immutable;
using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Edge.Adapters;

/// <summary>One stream of the outbox, as last committed.</summary>
internal sealed record OutboxStream(long Row, Guid Id, long Oldest, long Highest, long Acknowledged, long HighestAtStart);

/// <summary>The outbox's streams and events: all of its SQL, one connection, one user at a time.</summary>
/// <remarks>
/// A single event is one page written: the stream's row is not touched by it (its highest number is that of its last event),
/// and an acknowledgement waits for the next pruning. Losing one costs a duplicate, which the server drops.
/// One file, because it is every statement over one schema.
/// </remarks>
internal sealed class OutboxDatabase : IDisposable
{
    // What was told and not ended, however long ago.
    private const string StandingTable = "CREATE TABLE standing(sensor TEXT NOT NULL, kind TEXT NOT NULL, PRIMARY KEY(sensor, kind)) WITHOUT ROWID";

    private const string Schema = $"""
        CREATE TABLE streams(
          row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, site TEXT NOT NULL, device TEXT NOT NULL,
          highest INTEGER NOT NULL, acknowledged INTEGER NOT NULL);
        -- at: ms since 1970. boot: 0 with a set clock, else the boot whose ms at counts; negative once it was read as such.
        -- made: ms that the outbox had run, which no jump of a clock can change.
        CREATE TABLE events(
          stream INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, sensor TEXT NOT NULL, kind TEXT NOT NULL,
          value REAL NOT NULL, boot INTEGER NOT NULL, made INTEGER NOT NULL, PRIMARY KEY(stream, seq)) WITHOUT ROWID;
        -- correction: ms to add to a time of this boot's unset clock, once known.
        CREATE TABLE boots(row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, correction INTEGER);
        {StandingTable}
        """;

    private const int KindCount = 2;
    private const int PruneSlice = 500;
    private const int CarrySlice = 500;
    private const long NoEvent = long.MinValue;
    private readonly OutboxFile _file;
    private readonly OutboxStream[] _streams = new OutboxStream[KindCount];
    private readonly Dictionary<long, (long? Correction, long LastAt)> _boots = [];
    private readonly string _site;
    private readonly string _device;
    private readonly long _boot;
    private ImmutableHashSet<(string Sensor, string Kind)> _standing;

    // Kept, as parsing their text took longer than what they do.
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _select;

    /// <param name="bootId">Names the run of the monotonic clock.</param>
    /// <exception cref="SqliteException">It cannot be opened, is locked by another process, or is corrupt.</exception>
    public OutboxDatabase(string path, string site, string device, string bootId, long mostBytes)
    {
        (_site, _device) = (site, device);
        _file = new OutboxFile(path, Schema, mostBytes);
        try
        {
            using var transaction = _file.Begin();
            for (var kind = 0; kind < KindCount; kind++)
            {
                _streams[kind] = Load(transaction, (StreamKind)kind);
                AgeAtOpen = Math.Max(AgeAtOpen, _file.Query(transaction, "SELECT made FROM events WHERE stream=$s ORDER BY seq DESC LIMIT 1", ("$s", _streams[kind].Row)) ?? 0);
            }

            _boot = LoadBoots(transaction, bootId);
            _standing = LoadStanding(transaction);
            transaction.Commit();
            _insert = _file.Command(
                null, "INSERT INTO events(stream, seq, at, sensor, kind, value, boot, made) VALUES($r, $q, $t, $s, $k, $v, $b, $m)",
                ("$r", 0L), ("$q", 0L), ("$t", 0L), ("$s", ""), ("$k", ""), ("$v", 0.0), ("$b", 0L), ("$m", 0L));
            _select = _file.Command(
                null, "SELECT seq, at, sensor, kind, value, boot FROM events WHERE stream=$s AND seq>=$f ORDER BY seq LIMIT $n", ("$s", 0L), ("$f", 0L), ("$n", 0));
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public OutboxStream this[StreamKind kind] => _streams[(int)kind];

    /// <summary>Milliseconds that this outbox had run when its last event was made.</summary>
    public long AgeAtOpen { get; }

    /// <summary>What was told and not ended; see <see cref="IOutbox.Standing"/>.</summary>
    public IReadOnlySet<(string Sensor, string Kind)> Standing => _standing;

    public long FreePages => _file.FreePages;

    public bool TryGrow() => _file.TryGrow();

    /// <summary>Numbers and writes events in one transaction.</summary>
    /// <param name="age">Milliseconds that this outbox has run.</param>
    public void Append(IReadOnlyList<NewEvent> events, long age)
    {
        if (events.Count == 0)
        {
            return;
        }

        OutboxStream[] next = [.. _streams];
        var standing = _standing;
        using var transaction = _file.Begin();
        _insert.Transaction = transaction;
        foreach (var e in events)
        {
            var stream = next[(int)e.Stream] = next[(int)e.Stream] with { Highest = next[(int)e.Stream].Highest + 1 };
            object[] values = [stream.Row, stream.Highest, e.At.ToUnixTimeMilliseconds(), e.Sensor, e.Kind, e.Value, e.Synced ? 0L : _boot, age];
            for (var i = 0; i < values.Length; i++)
            {
                _insert.Parameters[i].Value = values[i];
            }

            _insert.ExecuteNonQuery();
            standing = Note(transaction, standing, e);
        }

        transaction.Commit();
        next.CopyTo(_streams, 0);
        _standing = standing;
    }

    public OutboxBatch Read(Guid stream, long from, int atMost)
    {
        if (Named(stream) is not { } named)
        {
            return OutboxBatch.Empty;
        }

        var events = new List<DeviceEvent>();
        var (frame, unread) = (0L, false);
        (_select.Parameters[0].Value, _select.Parameters[1].Value, _select.Parameters[2].Value) = (named.Row, from, atMost);
        using (var reader = _select.ExecuteReader())
        {
            while (reader.Read())
            {
                var boot = reader.GetInt64(5);
                var correction = boot > 0 ? _boots[boot].Correction : null;
                var itsFrame = correction is null ? Math.Abs(boot) : 0;
                if (events.Count > 0 && (itsFrame != frame || reader.GetInt64(0) != events[^1].Seq + 1))
                {
                    break;
                }

                (frame, unread) = (itsFrame, unread || (boot > 0 && correction is null));
                var at = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1) + (correction ?? 0));
                events.Add(new DeviceEvent(reader.GetInt64(0), at, reader.GetString(2), reader.GetString(3), reader.GetDouble(4)));
            }
        }

        if (unread)
        {
            _file.Run(null, "UPDATE events SET boot=-boot WHERE stream=$s AND seq BETWEEN $f AND $l AND boot>0",
                ("$s", named.Row), ("$f", events[0].Seq), ("$l", events[^1].Seq));
        }

        return new OutboxBatch(events, frame == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(frame == _boot ? 0 : _boots[frame].LastAt));
    }

    public void TimeIsKnown(TimeSpan correction)
    {
        if (_boots[_boot].Correction is null)
        {
            var ms = (long)correction.TotalMilliseconds;
            _file.Run(null, "UPDATE boots SET correction=$c WHERE row=$r", ("$c", ms), ("$r", _boot));
            _boots[_boot] = (ms, 0);
        }
    }

    /// <summary>In memory until the next pruning, or a close.</summary>
    public void MarkAcknowledged(Guid stream, long seq)
    {
        if (Array.FindIndex(_streams, s => s.Id == stream) is >= 0 and var kind)
        {
            _streams[kind] = _streams[kind] with { Acknowledged = seq };
        }
    }

    /// <summary>A new stream that holds what this process has made of the old one's events, numbered from 1.</summary>
    /// <returns>False when the old one is no more.</returns>
    public bool BeginStream(Guid insteadOf)
    {
        if (Array.FindIndex(_streams, s => s.Id == insteadOf) is not (>= 0 and var kind))
        {
            return false;
        }

        using var transaction = _file.Begin();
        var next = Create(transaction, (StreamKind)kind, _streams[kind].Row, _streams[kind].HighestAtStart);
        transaction.Commit();
        _streams[kind] = next;
        return true;
    }

    public void ReplaceByLoss(Guid stream, long seq) => _file.Run(
        null, "UPDATE events SET sensor='', kind='lost', value=1 WHERE stream=$s AND seq=$q", ("$s", Named(stream)?.Row ?? 0), ("$q", seq));

    /// <summary>Deletes acknowledged events made before an age, and what is left of former streams; at most 500 of each, not to hold up an alarm.</summary>
    /// <returns>Whether there may be more.</returns>
    public bool Prune(long madeBefore) => Delete(transaction =>
    {
        var deleted = DeleteFormer(transaction, PruneSlice, madeBefore);
        foreach (var stream in _streams)
        {
            deleted += _file.Run(transaction, "DELETE FROM events WHERE stream=$s AND seq<=$a AND made<$m",
                ("$s", stream.Row), ("$a", Math.Min(stream.Acknowledged, stream.Oldest + PruneSlice - 1)), ("$m", madeBefore));
        }

        return deleted;
    }) >= PruneSlice;

    /// <summary>Makes room: deletes what the server has, and where there is none of that the oldest ordinary events.</summary>
    /// <returns>
    /// How many were deleted, how many of them no server has, and for how many more those stood: a gap in the numbers tells
    /// one loss each, and a <c>lost</c> event among them was of more.
    /// </returns>
    public (int Deleted, int Lost, long Untold) GiveBack(int atMost)
    {
        var (lost, untold) = (0, 0L);
        var deleted = Delete(transaction =>
        {
            var done = DeleteFormer(transaction, atMost, long.MaxValue);
            foreach (var stream in _streams)
            {
                done += DeleteOldest(transaction, stream, Math.Min(stream.Acknowledged, stream.Oldest + atMost - 1));
            }

            if (done == 0)
            {
                var ordinary = this[StreamKind.Ordinary];
                var upTo = ordinary.Oldest + atMost - 1;
                untold = _file.Query(transaction, "SELECT CAST(SUM(value-1) AS INTEGER) FROM events WHERE stream=$s AND seq<=$u AND kind='lost'", ("$s", ordinary.Row), ("$u", upTo)) ?? 0;
                lost = DeleteOldest(transaction, ordinary, upTo);
            }

            return done + lost;
        });
        return (deleted, lost, untold);
    }

    public void Dispose()
    {
        try
        {
            Delete(_ => 0);
        }
        catch (SqliteException)
        {
            // Not saved: the server tells again what it has.
        }

        _insert.Dispose();
        _select.Dispose();
        _file.Dispose();
    }

    private OutboxStream? Named(Guid stream) => Array.Find(_streams, s => s.Id == stream);

    // Rarely changes anything, so that it costs an event nothing.
    private ImmutableHashSet<(string Sensor, string Kind)> Note(SqliteTransaction transaction, ImmutableHashSet<(string Sensor, string Kind)> standing, NewEvent e)
    {
        if (e.Kind is not (EventKinds.Fault or EventKinds.Button) || standing.Contains((e.Sensor, e.Kind)) == (e.Value != 0))
        {
            return standing;
        }

        _file.Run(
            transaction, e.Value != 0 ? "INSERT INTO standing VALUES($s, $k)" : "DELETE FROM standing WHERE sensor=$s AND kind=$k", ("$s", e.Sensor), ("$k", e.Kind));
        return e.Value != 0 ? standing.Add((e.Sensor, e.Kind)) : standing.Remove((e.Sensor, e.Kind));
    }

    // Deletes, and saves what the events that are left no longer tell.
    private int Delete(Func<SqliteTransaction, int> delete)
    {
        OutboxStream[] next = [.. _streams];
        using var transaction = _file.Begin();
        var deleted = delete(transaction);
        for (var kind = 0; kind < KindCount; kind++)
        {
            next[kind] = next[kind] with { Oldest = Oldest(transaction, next[kind].Row, next[kind].Highest) };
            Save(transaction, next[kind]);
        }

        transaction.Commit();
        next.CopyTo(_streams, 0);
        return deleted;
    }

    private int DeleteOldest(SqliteTransaction transaction, OutboxStream stream, long upTo) => _file.Run(
        transaction, "DELETE FROM events WHERE stream=$s AND seq<=$u", ("$s", stream.Row), ("$u", upTo));

    private int DeleteFormer(SqliteTransaction transaction, int atMost, long madeBefore) => _file.Run(
        transaction,
        "DELETE FROM events WHERE (stream, seq) IN (SELECT stream, seq FROM events WHERE (stream<$u OR (stream>$u AND stream<$o) OR stream>$o) AND made<$m LIMIT $n)",
        ("$u", _streams.Min(s => s.Row)), ("$o", _streams.Max(s => s.Row)), ("$m", madeBefore), ("$n", atMost));

    // The newest stream of a kind is the present one. Another site or device than it was made for: a stream belongs to one.
    private OutboxStream Load(SqliteTransaction transaction, StreamKind kind)
    {
        using var command = _file.Command(
            transaction, "SELECT row, id, site, device, highest, acknowledged FROM streams WHERE kind=$k ORDER BY row DESC LIMIT 1", ("$k", (int)kind));
        using var reader = command.ExecuteReader();
        if (!reader.Read())
        {
            return Create(transaction, kind, null, 0);
        }

        var (row, acknowledged) = (reader.GetInt64(0), reader.GetInt64(5));
        var highest = Math.Max(reader.GetInt64(4), _file.Query(transaction, "SELECT MAX(seq) FROM events WHERE stream=$s", ("$s", row)) ?? 0);
        return reader.GetString(2) != _site || reader.GetString(3) != _device
            ? Create(transaction, kind, row, acknowledged)
            : new OutboxStream(row, Guid.Parse(reader.GetString(1)), Oldest(transaction, row, highest), highest, acknowledged, highest);
    }

    private OutboxStream Create(SqliteTransaction transaction, StreamKind kind, long? carryFrom, long above)
    {
        var id = Guid.NewGuid();
        var row = _file.Query(
            transaction, "INSERT INTO streams(id, kind, site, device, highest, acknowledged) VALUES($i, $k, $s, $d, 0, 0) RETURNING row",
            ("$i", id.ToString()), ("$k", (int)kind), ("$s", _site), ("$d", _device))!.Value;
        var carried = 0;
        if (carryFrom is { } from)
        {
            // First copied, then deleted: a primary key must not be changed into a neighbour's. In slices: on a full disk the pages
            // of what was deleted are the only ones that there are for the rest.
            var before = (_file.Query(transaction, "SELECT MIN(seq) FROM events WHERE stream=$f AND seq>$a", ("$f", from), ("$a", above)) ?? 1) - 1;
            for (var copied = -1; copied != 0; carried += copied)
            {
                (string, object)[] slice = [("$n", row), ("$f", from), ("$b", before), ("$x", before + carried), ("$y", before + carried + CarrySlice)];
                copied = _file.Run(
                    transaction, "INSERT INTO events SELECT $n, seq-$b, at, sensor, kind, value, boot, made FROM events WHERE stream=$f AND seq>$x AND seq<=$y", slice);
                _file.Run(transaction, "DELETE FROM events WHERE stream=$f AND seq>$x AND seq<=$y", slice);
            }
        }

        return new OutboxStream(row, id, 1, carried, 0, 0);
    }

    // The present boot's row. Boots of which no event is left are forgotten.
    private long LoadBoots(SqliteTransaction transaction, string bootId)
    {
        _file.Run(transaction, "INSERT OR IGNORE INTO boots(id) VALUES($i)", ("$i", bootId));
        var present = _file.Query(transaction, "SELECT row FROM boots WHERE id=$i", ("$i", bootId))!.Value;
        using (var command = _file.Command(
            transaction, "SELECT row, correction, last FROM boots LEFT JOIN (SELECT ABS(boot) AS b, MAX(at) AS last FROM events WHERE boot<>0 GROUP BY 1) ON b=row"))
        {
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                _boots[reader.GetInt64(0)] = (reader.IsDBNull(1) ? null : reader.GetInt64(1), reader.IsDBNull(2) ? NoEvent : reader.GetInt64(2));
            }
        }

        foreach (var row in _boots.Where(boot => boot.Value.LastAt == NoEvent && boot.Key != present).Select(boot => boot.Key).ToList())
        {
            _file.Run(transaction, "DELETE FROM boots WHERE row=$r", ("$r", row));
            _boots.Remove(row);
        }

        return present;
    }

    // An outbox of before there was this table has what it needs in its events.
    private ImmutableHashSet<(string Sensor, string Kind)> LoadStanding(SqliteTransaction transaction)
    {
        if (_file.Query(transaction, "SELECT COUNT(*) FROM sqlite_master WHERE name='standing'") == 0)
        {
            _file.Run(transaction, StandingTable);

            // Beside MAX(seq) SQLite gives the value of that same row.
            _file.Run(
                transaction,
                "INSERT INTO standing SELECT sensor, kind FROM (SELECT sensor, kind, value, MAX(seq) FROM events WHERE stream=$s AND kind IN ('fault', 'button') GROUP BY sensor, kind) WHERE value<>0",
                ("$s", this[StreamKind.Urgent].Row));
        }

        using var command = _file.Command(transaction, "SELECT sensor, kind FROM standing");
        using var reader = command.ExecuteReader();
        var standing = ImmutableHashSet.CreateBuilder<(string Sensor, string Kind)>();
        while (reader.Read())
        {
            standing.Add((reader.GetString(0), reader.GetString(1)));
        }

        return standing.ToImmutable();
    }

    private long Oldest(SqliteTransaction transaction, long row, long highest) =>
        _file.Query(transaction, "SELECT MIN(seq) FROM events WHERE stream=$s", ("$s", row)) ?? highest + 1;

    private void Save(SqliteTransaction transaction, OutboxStream stream) => _file.Run(
        transaction, "UPDATE streams SET highest=$h, acknowledged=$a WHERE row=$r",
        ("$h", stream.Highest), ("$a", stream.Acknowledged), ("$r", stream.Row));
}
