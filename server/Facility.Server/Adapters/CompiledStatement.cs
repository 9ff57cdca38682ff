using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Facility.Server.Adapters;

/// <summary>
/// A statement that is compiled once and run for every event: without the reader that a command makes and the names that it looks up
/// each time, which together cost more than the statement. Values are bound in order, then it runs, in the transaction that is open.
/// </summary>
internal sealed class CompiledStatement : IDisposable
{
    private readonly sqlite3 _db;
    private readonly sqlite3_stmt _statement;
    private int _bound;

    /// <exception cref="SqliteException">It cannot be compiled.</exception>
    public CompiledStatement(SqliteConnection connection, string sql)
    {
        _db = connection.Handle!;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(_db, sql, out _statement), _db);
    }

    public CompiledStatement Bind(long? value) =>
        Bound(value is { } number ? raw.sqlite3_bind_int64(_statement, ++_bound, number) : raw.sqlite3_bind_null(_statement, ++_bound));

    public CompiledStatement Bind(string value) => Bound(raw.sqlite3_bind_text(_statement, ++_bound, value));

    public CompiledStatement Bind(byte[]? value) =>
        Bound(value is null ? raw.sqlite3_bind_null(_statement, ++_bound) : raw.sqlite3_bind_blob(_statement, ++_bound, value));

    /// <exception cref="SqliteException">It failed: the disk is full, or another process has the file.</exception>
    public void Run()
    {
        var result = raw.sqlite3_step(_statement);
        _bound = 0;
        try
        {
            SqliteException.ThrowExceptionForRC(result, _db);
        }
        finally
        {
            // Answers the same error again.
            _ = raw.sqlite3_reset(_statement);
        }
    }

    public void Dispose() => _statement.Dispose();

    private CompiledStatement Bound(int result)
    {
        if (result != raw.SQLITE_OK)
        {
            _bound = 0;
            SqliteException.ThrowExceptionForRC(result, _db);
        }

        return this;
    }
}
