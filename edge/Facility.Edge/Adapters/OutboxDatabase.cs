using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Edge.Adapters;

/// <summary>One stream of the outbox, as last committed.</summary>
internal sealed record OutboxStream(long Row, Guid Id, long Oldest, long Highest, long Acknowledged, long HighestAtStart, bool IsNew);

/// <summary>
/// The outbox's file: all of its SQL, one connection, one user at a time. WAL with <c>synchronous=FULL</c>: a commit survives
/// a power cut. The lock is exclusive, so that two agents cannot share a folder.
/// </summary>
internal sealed class OutboxDatabase : IDisposable
{
    private const string Schema = """
        PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=4194304;
        CREATE TABLE IF NOT EXISTS streams(
          row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind INTEGER NOT NULL, site TEXT NOT NULL, device TEXT NOT NULL,
          highest INTEGER NOT NULL, acknowledged INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS events(
          stream INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, sensor TEXT NOT NULL, kind TEXT NOT NULL,
          value REAL NOT NULL, synced INTEGER NOT NULL, made INTEGER NOT NULL, PRIMARY KEY(stream, seq)) WITHOUT ROWID;
        """;

    private const int KindCount = 2;
    private readonly SqliteConnection _connection;
    private readonly OutboxStream[] _streams = new OutboxStream[KindCount];
    private readonly string _site;
    private readonly string _device;

    /// <exception cref="SqliteException">It cannot be opened, is locked by another process, or is corrupt.</exception>
    public OutboxDatabase(string path, string site, string device)
    {
        (_site, _device) = (site, device);
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 2 }.ToString());
        try
        {
            _connection.Open();
            Run(null, Schema);
            using (var check = Command(null, "PRAGMA quick_check(1)"))
            {
                if (check.ExecuteScalar() is not "ok")
                {
                    throw new SqliteException("the check of the file found damage", SqliteErrors.Corrupt);
                }
            }

            using var transaction = _connection.BeginTransaction();
            for (var kind = 0; kind < KindCount; kind++)
            {
                _streams[kind] = Load(transaction, (StreamKind)kind);
            }

            transaction.Commit();
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    public OutboxStream this[StreamKind kind] => _streams[(int)kind];

    /// <summary>Numbers and writes events, and the acknowledgements, in one transaction.</summary>
    public void Append(IReadOnlyList<NewEvent> events, DateTimeOffset now)
    {
        OutboxStream[] next = [.. _streams];
        using var transaction = _connection.BeginTransaction();
        using var insert = Insert(transaction);
        foreach (var e in events)
        {
            var stream = next[(int)e.Stream];
            Insert(insert, stream.Row, stream.Highest + 1, e, now);
            next[(int)e.Stream] = stream with { Highest = stream.Highest + 1 };
        }

        foreach (var stream in next)
        {
            Save(transaction, stream);
        }

        transaction.Commit();
        next.CopyTo(_streams, 0);
    }

    public (IReadOnlyList<DeviceEvent> Events, bool Synced) Read(StreamKind kind, long from, int atMost)
    {
        using var command = Command(
            null, "SELECT seq, at, sensor, kind, value, synced FROM events WHERE stream=$s AND seq>=$f ORDER BY seq LIMIT $n",
            ("$s", this[kind].Row), ("$f", from), ("$n", atMost));
        using var reader = command.ExecuteReader();
        var events = new List<DeviceEvent>();
        var synced = true;
        while (reader.Read())
        {
            var itsSynced = reader.GetInt64(5) == 1;
            if (events.Count > 0 && (itsSynced != synced || reader.GetInt64(0) != events[^1].Seq + 1))
            {
                break;
            }

            synced = itsSynced;
            events.Add(new DeviceEvent(
                reader.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(1)), reader.GetString(2), reader.GetString(3), reader.GetDouble(4)));
        }

        return (events, synced);
    }

    /// <summary>In memory until the next <see cref="Append"/>: losing it costs a duplicate, which the server drops.</summary>
    public void MarkAcknowledged(StreamKind kind, long seq) => _streams[(int)kind] = this[kind] with { Acknowledged = seq };

    /// <summary>A new stream that holds the old one's events above <paramref name="above"/>, numbered from 1.</summary>
    public void BeginStream(StreamKind kind, long above)
    {
        using var transaction = _connection.BeginTransaction();
        var next = Create(transaction, kind, this[kind].Row, above);
        transaction.Commit();
        _streams[(int)kind] = next;
    }

    public void ReplaceByLoss(StreamKind kind, long seq) => Run(
        null, "UPDATE events SET sensor='', kind='lost', value=1 WHERE stream=$s AND seq=$q", ("$s", this[kind].Row), ("$q", seq));

    /// <summary>Deletes acknowledged events made before a time, and what is left of former streams.</summary>
    public void Prune(DateTimeOffset madeBefore)
    {
        using var transaction = _connection.BeginTransaction();
        OutboxStream[] next = [.. _streams];
        for (var kind = 0; kind < KindCount; kind++)
        {
            Run(transaction, "DELETE FROM events WHERE stream=$s AND seq<=$a AND made<$m",
                ("$s", next[kind].Row), ("$a", next[kind].Acknowledged), ("$m", madeBefore.ToUnixTimeMilliseconds()));
            next[kind] = next[kind] with { Oldest = Oldest(transaction, next[kind].Row, next[kind].Highest) };
        }

        Run(transaction, "DELETE FROM events WHERE made<$m AND stream NOT IN ($u, $o)",
            ("$m", madeBefore.ToUnixTimeMilliseconds()), ("$u", next[0].Row), ("$o", next[1].Row));
        transaction.Commit();
        next.CopyTo(_streams, 0);
    }

    public void Dispose() => _connection.Dispose();

    // The newest stream of a kind is the present one. Another site or device than it was made for: a stream belongs to one.
    private OutboxStream Load(SqliteTransaction transaction, StreamKind kind)
    {
        using var command = Command(
            transaction, "SELECT row, id, site, device, highest, acknowledged FROM streams WHERE kind=$k ORDER BY row DESC LIMIT 1", ("$k", (int)kind));
        using var reader = command.ExecuteReader();
        if (!reader.Read())
        {
            return Create(transaction, kind, null, 0);
        }

        var (row, highest, acknowledged) = (reader.GetInt64(0), reader.GetInt64(4), reader.GetInt64(5));
        return reader.GetString(2) != _site || reader.GetString(3) != _device
            ? Create(transaction, kind, row, acknowledged)
            : new OutboxStream(row, Guid.Parse(reader.GetString(1)), Oldest(transaction, row, highest), highest, acknowledged, highest, IsNew: false);
    }

    private OutboxStream Create(SqliteTransaction transaction, StreamKind kind, long? carryFrom, long above)
    {
        var id = Guid.NewGuid();
        using var insert = Command(
            transaction, "INSERT INTO streams(id, kind, site, device, highest, acknowledged) VALUES($i, $k, $s, $d, 0, 0) RETURNING row",
            ("$i", id.ToString()), ("$k", (int)kind), ("$s", _site), ("$d", _device));
        var stream = new OutboxStream((long)insert.ExecuteScalar()!, id, 1, 0, 0, 0, IsNew: true);
        if (carryFrom is { } from)
        {
            // First copied, then deleted: a primary key must not be changed into a neighbour's.
            Run(transaction, "INSERT INTO events SELECT $n, seq - (SELECT MIN(seq) FROM events WHERE stream=$f AND seq>$a) + 1, at, sensor, kind, value, synced, made FROM events WHERE stream=$f AND seq>$a",
                ("$n", stream.Row), ("$f", from), ("$a", above));
            Run(transaction, "DELETE FROM events WHERE stream=$f AND seq>$a", ("$f", from), ("$a", above));
            using var count = Command(transaction, "SELECT COUNT(*) FROM events WHERE stream=$s", ("$s", stream.Row));
            stream = stream with { Highest = (long)count.ExecuteScalar()! };
            Save(transaction, stream);
        }

        return stream;
    }

    private long Oldest(SqliteTransaction transaction, long row, long highest)
    {
        using var command = Command(transaction, "SELECT MIN(seq) FROM events WHERE stream=$s", ("$s", row));
        return command.ExecuteScalar() is long oldest ? oldest : highest + 1;
    }

    private void Save(SqliteTransaction transaction, OutboxStream stream) => Run(
        transaction, "UPDATE streams SET highest=$h, acknowledged=$a WHERE row=$r",
        ("$h", stream.Highest), ("$a", stream.Acknowledged), ("$r", stream.Row));

    private SqliteCommand Insert(SqliteTransaction transaction) => Command(
        transaction, "INSERT INTO events(stream, seq, at, sensor, kind, value, synced, made) VALUES($r, $q, $t, $s, $k, $v, $c, $m)",
        ("$r", 0L), ("$q", 0L), ("$t", 0L), ("$s", ""), ("$k", ""), ("$v", 0.0), ("$c", 0L), ("$m", 0L));

    private static void Insert(SqliteCommand command, long row, long seq, NewEvent e, DateTimeOffset made)
    {
        object[] values =
            [row, seq, e.At.ToUnixTimeMilliseconds(), e.Sensor, e.Kind, e.Value, e.Synced ? 1L : 0L, made.ToUnixTimeMilliseconds()];
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }

    private void Run(SqliteTransaction? transaction, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(transaction, sql, parameters);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(SqliteTransaction? transaction, string sql, params (string Name, object Value)[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }

        return command;
    }
}

/// <summary>The result codes of SQLite that mean something to the outbox.</summary>
internal static class SqliteErrors
{
    public const int Busy = 5;
    public const int Corrupt = 11;
    public const int NotADatabase = 26;

    public static bool IsCorrupt(SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase;
}
