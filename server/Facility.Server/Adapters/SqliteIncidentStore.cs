using System.Text.Json;
using System.Text.Json.Serialization;
using Facility.Contracts;
using Facility.Contracts.Rest;
using Facility.Domain.Alerts;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary><see cref="IIncidentStore"/> in one SQLite file. Made of the journal, and made again from it when it is lost.</summary>
public sealed class SqliteIncidentStore : IIncidentStore, IDisposable
{
    private const long Form = 2;
    private readonly SqliteConnection _db;
    private readonly Lock _gate = new();

    /// <exception cref="JournalUnavailableException">The file cannot be opened or made.</exception>
    public SqliteIncidentStore(string path)
    {
        try
        {
            _db = JournalSchema.Open(path, readOnly: false);
            if (_db.List("PRAGMA user_version", r => r.GetInt64(0)) is [< Form])
            {
                // Of an earlier form: the journal gives it again in this one.
                _db.Execute("DROP TABLE IF EXISTS place; DROP TABLE IF EXISTS incident;");
            }

            _db.Execute($"""
                PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA user_version={Form};
                CREATE TABLE IF NOT EXISTS place(one INTEGER PRIMARY KEY CHECK (one = 1), cursor INTEGER NOT NULL, book TEXT NOT NULL);
                CREATE TABLE IF NOT EXISTS incident(id TEXT PRIMARY KEY, version INTEGER NOT NULL UNIQUE, site TEXT NOT NULL, state TEXT NOT NULL, document TEXT NOT NULL);
                CREATE INDEX IF NOT EXISTS incident_state ON incident(state, version);
                CREATE TABLE IF NOT EXISTS span(
                    site TEXT NOT NULL, rule TEXT NOT NULL, cause TEXT NOT NULL, began INTEGER NOT NULL, ended INTEGER, PRIMARY KEY(site, rule, cause, began)) WITHOUT ROWID;
                """);
        }
        catch (SqliteException e)
        {
            _db?.Dispose();
            throw new JournalUnavailableException($"The incidents {path} cannot be opened: {e.Message}", e);
        }
    }

    public (long Cursor, long Version, BookState Book, IReadOnlyList<Incident> Unresolved) Load()
    {
        lock (_gate)
        {
            var (cursor, book) = _db.List("SELECT cursor, book FROM place", r => (r.GetInt64(0), JsonSerializer.Deserialize(r.GetString(1), AlertJson.Default.BookState)!))
                .FirstOrDefault((0, BookState.Empty));
            using var newest = _db.Statement("SELECT ifnull(max(version), 0) FROM incident", 0);
            using var unresolved = _db.Statement("SELECT document FROM incident WHERE state <> 'resolved' ORDER BY version", 0);
            return (cursor, (long)newest.ExecuteScalar()!, book, Read(unresolved));
        }
    }

    public void Save(long cursor, BookState book, IReadOnlyCollection<Incident> changed, IReadOnlyCollection<SpanEdge> edges)
    {
        lock (_gate)
        {
            using var transaction = _db.BeginTransaction();
            Do("INSERT OR REPLACE INTO place VALUES(1,$0,$1)", cursor, JsonSerializer.Serialize(book, AlertJson.Default.BookState));
            foreach (var i in changed)
            {
                Do("INSERT OR REPLACE INTO incident VALUES($0,$1,$2,$3,$4)",
                    i.Id, i.IncidentVersion, i.Site, i.State, JsonSerializer.Serialize(i, ApiJson.Default.Incident));
            }

            foreach (var e in edges.Where(e => Readiness.Rules.Contains(e.Rule)))
            {
                // Taken again, a beginning is the same row; one that stands has begun already.
                Do(e.Begins
                    ? "INSERT OR IGNORE INTO span SELECT $0,$1,$2,$3,NULL WHERE NOT EXISTS (SELECT 1 FROM span WHERE site=$0 AND rule=$1 AND cause=$2 AND ended IS NULL)"
                    : "UPDATE span SET ended=max(began,$3) WHERE site=$0 AND rule=$1 AND cause=$2 AND ended IS NULL",
                    e.Site, e.Rule, e.Cause, e.At.UtcTicks);
            }

            transaction.Commit();

            void Do(string sql, params ReadOnlySpan<object?> values)
            {
                using var statement = _db.Statement(sql, values.Length).With(values);
                statement.Transaction = transaction;
                statement.ExecuteNonQuery();
            }
        }
    }

    public void StartOver(DateTimeOffset since)
    {
        lock (_gate)
        {
            using var transaction = _db.BeginTransaction();
            foreach (var (sql, value) in new (string, object)[]
            {
                ("DELETE FROM place WHERE $0 = $0", 0L),
                ("DELETE FROM incident WHERE json_extract(document, '$.openedAt') >= $0", Rfc3339.Format(since)),
                ("DELETE FROM span WHERE began >= $0", since.UtcTicks),
            })
            {
                using var statement = _db.Statement(sql, 1).With(value);
                statement.Transaction = transaction;
                statement.ExecuteNonQuery();
            }

            transaction.Commit();
        }
    }

    public IReadOnlyList<ConditionSpan> Spans(string site, DateTimeOffset from, DateTimeOffset to)
    {
        lock (_gate)
        {
            using var found = _db.Statement(
                "SELECT rule, cause, began, ended FROM span WHERE site=$0 AND began < $2 AND (ended IS NULL OR ended > $1) ORDER BY began", 3)
                .With(site, from.UtcTicks, to.UtcTicks);
            return found.List(r => new ConditionSpan(
                r.GetString(0), r.GetString(1), new DateTimeOffset(r.GetInt64(2), TimeSpan.Zero), r.IsDBNull(3) ? null : new DateTimeOffset(r.GetInt64(3), TimeSpan.Zero)));
        }
    }

    public Incident? Find(string id)
    {
        lock (_gate)
        {
            using var found = _db.Statement("SELECT document FROM incident WHERE id=$0", 1).With(id);
            return Read(found).SingleOrDefault();
        }
    }

    public IReadOnlyList<Incident> List(string? site, string? state, int max)
    {
        lock (_gate)
        {
            using var listed = _db.Statement(
                "SELECT document FROM incident WHERE ($0='' OR site=$0) AND ($1='' OR state=$1) ORDER BY version DESC LIMIT $2", 3)
                .With(site ?? "", state ?? "", (long)max);
            return Read(listed);
        }
    }

    public void Dispose() => _db.Dispose();

    private static List<Incident> Read(SqliteCommand command)
    {
        using var rows = command.ExecuteReader();
        var read = new List<Incident>();
        while (rows.Read())
        {
            read.Add(JsonSerializer.Deserialize(rows.GetString(0), ApiJson.Default.Incident)!);
        }

        return read;
    }
}

[JsonSerializable(typeof(BookState))]
internal sealed partial class AlertJson : JsonSerializerContext;
