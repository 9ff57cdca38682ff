using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>
/// Cursors in a file of their own, so that saving one never waits for the journal. synchronous=NORMAL: after a power cut
/// a cursor may be an older one, and its follower takes entries again, which is safe.
/// </summary>
public sealed class SqliteCursors : ICursors, IDisposable
{
    private readonly SqliteConnection connection;
    private readonly Lock gate = new();

    /// <exception cref="JournalUnavailableException">The file cannot be opened or made.</exception>
    public SqliteCursors(string path)
    {
        try
        {
            connection = JournalSchema.Open(path, readOnly: false);
            connection.Execute("""
                PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
                CREATE TABLE IF NOT EXISTS cursors(follower TEXT PRIMARY KEY, position INTEGER NOT NULL);
                """);
        }
        catch (SqliteException e)
        {
            connection?.Dispose();
            throw new JournalUnavailableException($"The cursors {path} cannot be opened: {e.Message}", e);
        }
    }

    public long Load(string follower)
    {
        lock (gate)
        {
            using var command = connection.Statement("SELECT position FROM cursors WHERE follower=$0", 1).With(follower);
            return command.ExecuteScalar() as long? ?? 0;
        }
    }

    public void Save(string follower, long position)
    {
        lock (gate)
        {
            using var command = connection.Statement("INSERT INTO cursors VALUES($0,$1) ON CONFLICT DO UPDATE SET position=$1", 2).With(follower, position);
            command.ExecuteNonQuery();
        }
    }

    public void Dispose() => connection.Dispose();
}
