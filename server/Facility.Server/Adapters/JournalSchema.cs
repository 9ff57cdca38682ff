using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>The tables of journal.db, and how its connections are opened.</summary>
/// <remarks>
/// WAL with synchronous=FULL: over simulated power cuts it lost no acknowledged row, where NORMAL did. One entry row is
/// one accepted batch, as received: a burst of batches of 100 costs one row each. Times are UTC ticks. The log is moved to the file
/// every 16 MB, not SQLite's 4: that takes two fsyncs more while acknowledgements wait, and the same pages are written over and over.
/// A revision of the sites stands twice: as an entry, which is trimmed when it is old and rules no more, and in revisions, which nothing
/// trims: people look back and undo.
/// </remarks>
internal static class JournalSchema
{
    private const string Tables = """
        CREATE TABLE IF NOT EXISTS entries(
            id INTEGER PRIMARY KEY, received INTEGER NOT NULL, site TEXT NOT NULL, device TEXT NOT NULL, type INTEGER NOT NULL,
            stream INTEGER, first INTEGER NOT NULL, last INTEGER NOT NULL, payload BLOB, setAside BLOB);
        CREATE INDEX IF NOT EXISTS entriesOfStream ON entries(stream, first) WHERE stream IS NOT NULL;
        CREATE INDEX IF NOT EXISTS sitesRevisions ON entries(id) WHERE type = 5;
        CREATE TABLE IF NOT EXISTS revisions(id INTEGER PRIMARY KEY, number INTEGER NOT NULL, received INTEGER NOT NULL, payload BLOB NOT NULL);
        INSERT INTO revisions SELECT id, row_number() OVER (ORDER BY id), received, payload FROM entries
            WHERE type = 5 AND NOT EXISTS (SELECT 1 FROM revisions);
        CREATE TABLE IF NOT EXISTS streams(
            id INTEGER PRIMARY KEY, site TEXT NOT NULL, device TEXT NOT NULL, stream TEXT NOT NULL,
            acknowledged INTEGER NOT NULL, retired INTEGER NOT NULL, heard INTEGER NOT NULL, UNIQUE(site, device, stream));
        CREATE TABLE IF NOT EXISTS devices(
            site TEXT NOT NULL, device TEXT NOT NULL, refused INTEGER NOT NULL DEFAULT 0, setAside INTEGER NOT NULL DEFAULT 0,
            lost INTEGER NOT NULL DEFAULT 0, faulty INTEGER NOT NULL DEFAULT 0, seen INTEGER NOT NULL DEFAULT 0,
            reachable INTEGER, PRIMARY KEY(site, device)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS faults(
            site TEXT NOT NULL, device TEXT NOT NULL, sensor TEXT NOT NULL, PRIMARY KEY(site, device, sensor)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS refused(
            id INTEGER PRIMARY KEY, at INTEGER NOT NULL, site TEXT NOT NULL, device TEXT NOT NULL, reason TEXT NOT NULL,
            detail TEXT NOT NULL, stream TEXT, seq INTEGER, size INTEGER NOT NULL, payload BLOB NOT NULL);
        CREATE INDEX IF NOT EXISTS refusedOfDevice ON refused(site, device);
        """;

    public static SqliteConnection Open(string path, bool readOnly)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 30,
        }.ConnectionString);
        connection.Open();
        return connection;
    }

    public static SqliteConnection OpenForWriting(string path)
    {
        var connection = Open(path, readOnly: false);
        connection.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA busy_timeout=30000;");
        connection.Execute(Tables);
        return connection;
    }

    public static void Execute(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>A statement that is prepared once and run many times, with parameters $0, $1...</summary>
    public static SqliteCommand Statement(this SqliteConnection connection, string sql, int parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        for (var i = 0; i < parameters; i++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = "$" + i, Value = DBNull.Value });
        }

        return command;
    }

    public static SqliteCommand With(this SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        return command;
    }
}
