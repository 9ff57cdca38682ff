using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary><see cref="IOnCallRevisions"/> in a table of the file that holds what was promised to people, over a connection of its own.</summary>
public sealed class SqliteOnCallRevisions : IOnCallRevisions, IDisposable
{
    private readonly SqliteConnection _db;
    private readonly Lock _gate = new();

    /// <exception cref="JournalUnavailableException">The file cannot be opened or made.</exception>
    public SqliteOnCallRevisions(string path)
    {
        try
        {
            _db = JournalSchema.Open(path, readOnly: false);
            _db.Execute("""
                PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000;
                CREATE TABLE IF NOT EXISTS revision(number INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, note TEXT NOT NULL, document TEXT NOT NULL);
                """);
        }
        catch (SqliteException e)
        {
            _db?.Dispose();
            throw new JournalUnavailableException($"The on-call revisions in {path} cannot be opened: {e.Message}", e);
        }
    }

    public IReadOnlyList<OnCallRevision> Revisions(long? number = null) => Revisions(number, 1000);

    public OnCallRevision? Newest() => Revisions(null, 1) is [var newest] ? newest : null;

    private List<OnCallRevision> Revisions(long? number, int most)
    {
        lock (_gate)
        {
            using var command = _db.Statement("SELECT number, at, who, note, document FROM revision WHERE $0 IS NULL OR number = $0 ORDER BY number DESC LIMIT $1", 2)
                .With(number, most);
            return command.List(r => new OnCallRevision(r.GetInt64(0), new DateTimeOffset(r.GetInt64(1), TimeSpan.Zero), r.GetString(2), r.GetString(3), r.GetString(4)));
        }
    }

    public void Add(DateTimeOffset at, string who, string note, string document)
    {
        lock (_gate)
        {
            using var command = _db.Statement("INSERT INTO revision SELECT coalesce(max(number), 0) + 1, $0, $1, $2, $3 FROM revision", 4)
                .With(at.UtcTicks, who, note, document);
            command.ExecuteNonQuery();
        }
    }

    public void Dispose() => _db.Dispose();
}
