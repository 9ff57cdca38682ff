using Facility.Contracts.Mqtt;
using Facility.Domain.Ingestion;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>The writing side of <see cref="SqliteJournal"/>: prepared statements in one transaction at a time.</summary>
public sealed class SqliteJournalWriter : IJournalWriter, IDisposable
{
    private const int CachedStreams = 10_000;

    private readonly SqliteConnection connection;
    private readonly SqliteJournal journal;
    private readonly JournalReserve reserve;
    private readonly Dictionary<(string Site, string Device, Guid Stream), StreamRow> streams = [];
    private readonly CompiledStatement insertEntry, saveStream, count;
    private long lastId;
    private SqliteTransaction? transaction;
    private readonly List<JournalEntry> written = [];
    private long trimmedTo;

    internal SqliteJournalWriter(SqliteConnection connection, SqliteJournal journal, JournalReserve reserve)
    {
        (this.connection, this.journal, this.reserve) = (connection, journal, reserve);
        insertEntry = new CompiledStatement(
            connection, "INSERT INTO entries(id, received, site, device, type, stream, first, last, payload, setAside) VALUES(?,?,?,?,?,?,?,?,?,?)");
        saveStream = new CompiledStatement(connection, "UPDATE streams SET acknowledged=?2, retired=?3, heard=?4 WHERE id=?1");
        count = new CompiledStatement(connection, $"""
            INSERT INTO devices(site, device, seen, refused, setAside, lost, faulty) VALUES(?1,?2,?3,?4,?5,?6,?7)
            ON CONFLICT DO UPDATE SET seen=max(seen,?3), refused=refused+?4, setAside=setAside+?5, lost=min(lost+?6, {Contracts.Limits.MaxSeq}), faulty=max(faulty,?7)
            """);
    }

    public DateTimeOffset Begin() => Try(() =>
    {
        if (streams.Count >= CachedStreams)
        {
            // Only between transactions: within one, rows hold what is not saved yet.
            streams.Clear();
        }

        var received = journal.Writing();
        written.Clear();
        trimmedTo = 0;
        transaction = connection.BeginTransaction();
        lastId = journal.Head;
        return received;
    });

    public void NotBefore(DateTimeOffset passed) => journal.NotBefore(passed);

    public void Commit() => Try(() =>
    {
        transaction!.Commit();
        transaction.Dispose();
        transaction = null;
        journal.Written(written, trimmedTo);
    });

    public void Rollback()
    {
        streams.Clear();
        try
        {
            transaction?.Rollback();
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException)
        {
            // SQLite has rolled back by itself, as it does when the disk is full.
        }

        transaction?.Dispose();
        transaction = null;
        written.Clear();
        journal.Written(written, 0);
    }

    public bool GiveRoom() => reserve.GiveBack();

    public bool KeepRoom() => reserve.Fill();

    public StreamRow? Find(string site, string device, Guid stream)
    {
        if (streams.TryGetValue((site, device, stream), out var known))
        {
            return known;
        }

        var found = Try(() => Run(JournalRows.SelectStreams + " WHERE site=$0 AND device=$1 AND stream=$2", site, device, stream.ToString())
            .List(JournalRows.ReadStream)).FirstOrDefault();
        return found is null ? null : Cache(found);
    }

    public StreamRow Add(string site, string device, Guid stream, DateTimeOffset now)
    {
        var id = Try(() => (long)Run(
            "INSERT INTO streams(site, device, stream, acknowledged, retired, heard) VALUES($0,$1,$2,0,0,$3) RETURNING id",
            site, device, stream.ToString(), now.UtcTicks).ExecuteScalar()!);
        return Cache(new StreamRow { Id = id, Site = site, Device = device, Stream = stream, Heard = now });
    }

    public void Save(StreamRow stream) =>
        Try(() => saveStream.Bind(stream.Id).Bind(stream.Acknowledged).Bind(stream.Retired ? 1 : 0).Bind(stream.Heard.UtcTicks).Run());

    public IReadOnlyList<StreamRow> LiveStreams(string? site = null, string? device = null) => Try(() =>
        Run(JournalRows.SelectStreams + " WHERE retired=0 AND ($0 IS NULL OR (site=$0 AND device=$1)) ORDER BY heard", site, device)
            .List(JournalRows.ReadStream).ConvertAll(s => streams.GetValueOrDefault((s.Site, s.Device, s.Stream)) ?? s));

    public void AppendEvents(StreamRow stream, DateTimeOffset received, long first, EventBatch batch, ReadOnlyMemory<byte> payload, byte[]? setAside)
    {
        var fact = JournalDecoder.Journaled(stream.Stream, batch, received, first, setAside);
        Insert(received, stream.Site, stream.Device, RowType.Events, stream.Id, first, batch.Last, Bytes(payload), setAside, fact);
    }

    public void AppendGap(StreamRow stream, DateTimeOffset received, long first, long last) =>
        Insert(received, stream.Site, stream.Device, RowType.Gap, stream.Id, first, last, null, null, new StreamGap(stream.Stream, first, last));

    public void Append(DateTimeOffset received, string site, string device, JournalFact fact)
    {
        var (type, first, payload) = JournalDecoder.Encode(fact);
        Insert(received, site, device, type, null, first, 0, payload, null, fact);
        if (fact is SitesRevised)
        {
            Try(() => Run("INSERT INTO revisions SELECT $0, coalesce(max(number), 0) + 1, $1, $2 FROM revisions", lastId, received.UtcTicks, payload).ExecuteNonQuery());
        }

        if (fact is ReachabilityChanged reachability)
        {
            Count(site, device, DateTimeOffset.MinValue);
            Try(() => Run("UPDATE devices SET reachable=$2 WHERE site=$0 AND device=$1", site, device, reachability.Reachable).ExecuteNonQuery());
        }
    }

    // A row holds at most a batch's worth of events, so one that begins further back cannot reach here.
    public IReadOnlyList<JournalRow> EventRows(StreamRow stream, long first, long last) => Try(() =>
        Run(JournalRows.Select + " WHERE e.stream=$0 AND e.first BETWEEN $1 AND $2 AND e.last >= $3 AND e.type=1 ORDER BY e.first",
            stream.Id, first - Contracts.Limits.BatchEvents, last, first).List(JournalRows.Read));

    public void Count(string site, string device, DateTimeOffset seen, long refused = 0, long setAside = 0, long lost = 0, bool faulty = false) =>
        Try(() => count.Bind(site).Bind(device).Bind(seen.UtcTicks).Bind(refused).Bind(setAside).Bind(lost).Bind(faulty ? 1 : 0).Run());

    public void SetFault(string site, string device, string sensor, bool active) => Try(() =>
        Run(active ? "INSERT OR IGNORE INTO faults VALUES($0,$1,$2)" : "DELETE FROM faults WHERE site=$0 AND device=$1 AND sensor=$2", site, device, sensor)
            .ExecuteNonQuery());

    public void Keep(KeptBatch batch, DateTimeOffset now) => Try(() => JournalBounds.Keep(connection, transaction, batch, now));

    public int Trim(DateTimeOffset before, long upTo, int most) => Try(() =>
    {
        var gone = JournalBounds.Trim(connection, transaction, before, upTo, most);
        trimmedTo = gone > 0 ? upTo : trimmedTo;
        return gone;
    });

    public void Dispose()
    {
        if (connection.State == System.Data.ConnectionState.Open)
        {
            MoveLog();
        }

        insertEntry.Dispose();
        saveStream.Dispose();
        count.Dispose();
        transaction?.Dispose();
        connection.Dispose();
    }

    // Of a stopped server the file alone is then the whole journal.
    private void MoveLog()
    {
        try
        {
            connection.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (SqliteException)
        {
            // The disk is full: it stays in the log, where the next start finds it.
        }
    }

    private static byte[] Bytes(ReadOnlyMemory<byte> memory) =>
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(memory, out var part) && part.Array!.Length == part.Count ? part.Array : memory.ToArray();

    private StreamRow Cache(StreamRow stream) => streams[(stream.Site, stream.Device, stream.Stream)] = stream;

    private void Insert(
        DateTimeOffset received, string site, string device, RowType type, long? stream, long first, long last, byte[]? payload, byte[]? setAside, JournalFact fact)
    {
        // Numbers follow each other: nobody else writes, and what is rolled back was never given out.
        Try(() => insertEntry.Bind(lastId + 1).Bind(received.UtcTicks).Bind(site).Bind(device).Bind((int)type).Bind(stream).Bind(first).Bind(last)
            .Bind(payload).Bind(setAside).Run());
        written.Add(new JournalEntry(++lastId, received, site, device, fact));
    }

    private SqliteCommand Run(string sql, params ReadOnlySpan<object?> values)
    {
        var command = connection.Statement(sql, values.Length).With(values);
        command.Transaction = transaction;
        return command;
    }

    private void Try(Action action) => Try(() =>
    {
        action();
        return 0;
    });

    private T Try<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException)
        {
            throw new JournalUnavailableException($"The journal {journal.Path} cannot be written: {e.Message}", e);
        }
    }
}
