using System.Text.Json;
using System.Text.Json.Serialization;
using Facility.Contracts;
using Facility.Contracts.Rest;
using Facility.Domain.Alerts;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary><see cref="IIncidentStore"/> in one SQLite file, synced fully: a person's act is on disk before it is answered.</summary>
public sealed class SqliteIncidentStore : IIncidentStore, IDisposable
{
    private readonly SqliteConnection _db;
    private readonly Lock _gate = new();

    /// <exception cref="JournalUnavailableException">The file cannot be opened or made.</exception>
    public SqliteIncidentStore(string path)
    {
        try
        {
            _db = JournalSchema.Open(path, readOnly: false);
            _db.Execute("""
                PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
                CREATE TABLE IF NOT EXISTS place(one INTEGER PRIMARY KEY CHECK (one = 1), cursor INTEGER NOT NULL, standing TEXT NOT NULL);
                CREATE TABLE IF NOT EXISTS incident(id TEXT PRIMARY KEY, version INTEGER NOT NULL UNIQUE, site TEXT NOT NULL, state TEXT NOT NULL, document TEXT NOT NULL);
                CREATE INDEX IF NOT EXISTS incident_state ON incident(state, version);
                """);
        }
        catch (SqliteException e)
        {
            _db?.Dispose();
            throw new JournalUnavailableException($"The incidents {path} cannot be opened: {e.Message}", e);
        }
    }

    public (long Cursor, long Version, IReadOnlyList<Condition> Standing, IReadOnlyList<Incident> Unresolved) Load()
    {
        lock (_gate)
        {
            var (cursor, standing) = (0L, (IReadOnlyList<Condition>)[]);
            using (var place = _db.Statement("SELECT cursor, standing FROM place", 0))
            using (var row = place.ExecuteReader())
            {
                if (row.Read())
                {
                    (cursor, standing) = (row.GetInt64(0), JsonSerializer.Deserialize(row.GetString(1), AlertJson.Default.IReadOnlyCollectionCondition)!.ToArray());
                }
            }

            using var newest = _db.Statement("SELECT ifnull(max(version), 0) FROM incident", 0);
            using var unresolved = _db.Statement("SELECT document FROM incident WHERE state <> 'resolved' ORDER BY version", 0);
            return (cursor, (long)newest.ExecuteScalar()!, standing, Read(unresolved));
        }
    }

    public void Save(long? cursor, IReadOnlyCollection<Condition> standing, IReadOnlyCollection<Incident> changed)
    {
        lock (_gate)
        {
            using var transaction = _db.BeginTransaction();
            if (cursor is { } taken)
            {
                using var place = _db.Statement("INSERT OR REPLACE INTO place VALUES(1,$0,$1)", 2)
                    .With(taken, JsonSerializer.Serialize(standing, AlertJson.Default.IReadOnlyCollectionCondition));
                place.Transaction = transaction;
                place.ExecuteNonQuery();
            }

            foreach (var i in changed)
            {
                using var incident = _db.Statement("INSERT OR REPLACE INTO incident VALUES($0,$1,$2,$3,$4)", 5)
                    .With(i.Id, i.IncidentVersion, i.Site, i.State, JsonSerializer.Serialize(i, ApiJson.Default.Incident));
                incident.Transaction = transaction;
                incident.ExecuteNonQuery();
            }

            transaction.Commit();
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

[JsonSerializable(typeof(IReadOnlyCollection<Condition>))]
internal sealed partial class AlertJson : JsonSerializerContext;
