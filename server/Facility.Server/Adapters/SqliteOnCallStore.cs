using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Facility.Domain.OnCall;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary><see cref="IOnCallStore"/> in one SQLite file, synced fully: what is promised to a person survives a power cut.</summary>
public sealed class SqliteOnCallStore : IOnCallStore, IDisposable
{
    private readonly SqliteConnection _db;
    private readonly Lock _gate = new();

    /// <exception cref="JournalUnavailableException">The file cannot be opened or made.</exception>
    public SqliteOnCallStore(string path)
    {
        try
        {
            _db = JournalSchema.Open(path, readOnly: false);
            _db.Execute("""
                PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
                CREATE TABLE IF NOT EXISTS delivery(id TEXT PRIMARY KEY, subject TEXT NOT NULL, made INTEGER NOT NULL, over INTEGER NOT NULL, document TEXT NOT NULL);
                CREATE INDEX IF NOT EXISTS delivery_subject ON delivery(subject, made);
                CREATE INDEX IF NOT EXISTS delivery_due ON delivery(over) WHERE over = 0;
                CREATE TABLE IF NOT EXISTS link(hash TEXT PRIMARY KEY, expires INTEGER NOT NULL, document TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE IF NOT EXISTS confirmed(drill TEXT NOT NULL, person TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(drill, person)) WITHOUT ROWID;
                """);
        }
        catch (SqliteException e)
        {
            _db?.Dispose();
            throw new JournalUnavailableException($"The deliveries {path} cannot be opened: {e.Message}", e);
        }
    }

    public IReadOnlyList<Delivery> Load(IReadOnlyCollection<string> subjects)
    {
        lock (_gate)
        {
            return Read(_db.Statement(
                "SELECT document FROM delivery WHERE over = 0 OR subject IN (SELECT value FROM json_each($0)) ORDER BY made, id", 1).With(JsonSerializer.Serialize(subjects.ToArray())));
        }
    }

    public IReadOnlyList<Delivery> Of(string subject)
    {
        lock (_gate)
        {
            return Read(_db.Statement("SELECT document FROM delivery WHERE subject = $0 ORDER BY made, id", 1).With(subject));
        }
    }

    public Delivery? Find(string id)
    {
        lock (_gate)
        {
            return Read(_db.Statement("SELECT document FROM delivery WHERE id = $0", 1).With(id)).SingleOrDefault();
        }
    }

    public void Save(IReadOnlyCollection<Delivery> deliveries)
    {
        lock (_gate)
        {
            using var transaction = _db.BeginTransaction();
            foreach (var d in deliveries)
            {
                Run(transaction, _db.Statement("INSERT OR REPLACE INTO delivery VALUES($0,$1,$2,$3,$4)", 5)
                    .With(d.Id, d.Subject, d.MadeAt.UtcTicks, d.IsOver ? 1L : 0L, JsonSerializer.Serialize(d, OnCallJson.Default.Delivery)));
            }

            transaction.Commit();
        }
    }

    public void Save(string tokenHash, Link link)
    {
        lock (_gate)
        {
            Run(null, _db.Statement("INSERT OR REPLACE INTO link VALUES($0,$1,$2)", 3)
                .With(tokenHash, link.Expires.UtcTicks, JsonSerializer.Serialize(link, OnCallJson.Default.Link)));
        }
    }

    public Link? FindLink(string tokenHash)
    {
        lock (_gate)
        {
            using var found = _db.Statement("SELECT document FROM link WHERE hash = $0", 1).With(tokenHash);
            return found.ExecuteScalar() is string json ? JsonSerializer.Deserialize(json, OnCallJson.Default.Link) : null;
        }
    }

    public void Confirm(string drill, string person, DateTimeOffset at)
    {
        lock (_gate)
        {
            Run(null, _db.Statement("INSERT OR IGNORE INTO confirmed VALUES($0,$1,$2)", 3).With(drill, person, at.UtcTicks));
        }
    }

    public bool IsConfirmed(string drill, string person)
    {
        lock (_gate)
        {
            using var found = _db.Statement("SELECT count(*) FROM confirmed WHERE drill = $0 AND person = $1", 2).With(drill, person);
            return Convert.ToInt64(found.ExecuteScalar(), CultureInfo.InvariantCulture) > 0;
        }
    }

    public void Forget(DateTimeOffset before, DateTimeOffset now)
    {
        lock (_gate)
        {
            Run(null, _db.Statement("DELETE FROM delivery WHERE over = 1 AND made < $0", 1).With(before.UtcTicks));
            Run(null, _db.Statement("DELETE FROM link WHERE expires < $0", 1).With(now.UtcTicks));
            Run(null, _db.Statement("DELETE FROM confirmed WHERE at < $0", 1).With(before.UtcTicks));
        }
    }

    public void Dispose() => _db.Dispose();

    private static List<Delivery> Read(SqliteCommand command)
    {
        using (command)
        {
            return command.List(row => JsonSerializer.Deserialize(row.GetString(0), OnCallJson.Default.Delivery)!);
        }
    }

    private static void Run(SqliteTransaction? transaction, SqliteCommand command)
    {
        using (command)
        {
            command.Transaction = transaction;
            command.ExecuteNonQuery();
        }
    }
}

[JsonSerializable(typeof(Delivery))]
[JsonSerializable(typeof(Link))]
internal sealed partial class OnCallJson : JsonSerializerContext;
