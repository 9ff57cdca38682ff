using System.Text.Json;
using Facility.Domain.Access;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>
/// <c>access.db</c>: who may do what, and who did. One SQLite file, synced fully, that commands may open while the server has it: what one
/// writes the other reads. It holds hashes of secrets, never a secret.
/// </summary>
public sealed class AccessFile : IDisposable
{
    /// <summary>Rows of the audit are kept so long, and no less: two years.</summary>
    public const int AuditDays = 730;

    private static readonly string Tables = $"""
        CREATE TABLE IF NOT EXISTS token(id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL, sites TEXT NOT NULL,
          rights TEXT, made INTEGER NOT NULL, expires INTEGER NOT NULL, by TEXT NOT NULL, revoked INTEGER) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS account(id TEXT PRIMARY KEY, name TEXT NOT NULL, normalized TEXT NOT NULL UNIQUE, password TEXT, key TEXT, code TEXT,
          role TEXT NOT NULL, sites TEXT NOT NULL, made INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS session(hash TEXT PRIMARY KEY, account TEXT, name TEXT NOT NULL, role TEXT NOT NULL, sites TEXT NOT NULL,
          made INTEGER NOT NULL, seen INTEGER NOT NULL, expires INTEGER NOT NULL, token TEXT) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS session_account ON session(account);
        CREATE TABLE IF NOT EXISTS invitation(hash TEXT PRIMARY KEY, role TEXT NOT NULL, sites TEXT NOT NULL, expires INTEGER NOT NULL, by TEXT NOT NULL,
          account TEXT, key TEXT, used INTEGER) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS audit(number INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, what TEXT NOT NULL,
          about TEXT NOT NULL, detail TEXT NOT NULL);
        CREATE INDEX IF NOT EXISTS audit_at ON audit(at);
        CREATE TRIGGER IF NOT EXISTS audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
        CREATE TRIGGER IF NOT EXISTS audit_added BEFORE INSERT ON audit WHEN EXISTS(SELECT 1 FROM audit WHERE number = new.number)
          BEGIN SELECT RAISE(ABORT, 'the audit is not changed'); END;
        CREATE TRIGGER IF NOT EXISTS audit_kept BEFORE DELETE ON audit WHEN old.at > (unixepoch('now') - {AuditDays} * 86400) * 1000
          BEGIN SELECT RAISE(ABORT, 'the audit is kept for two years'); END;
        """;

    private readonly SqliteConnection _db;
    private readonly Lock _gate = new();

    /// <param name="path">Of the file, or <c>:memory:</c>.</param>
    /// <exception cref="JournalUnavailableException">It cannot be opened or made.</exception>
    public AccessFile(string path)
    {
        try
        {
            _db = JournalSchema.Open(path, readOnly: false);
            _db.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000;" + Tables);
            if (path != ":memory:" && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            _db?.Dispose();
            throw new JournalUnavailableException($"The accounts {path} cannot be opened: {e.Message}", e);
        }
    }

    public void Dispose() => _db.Dispose();

    internal int Run(string sql, params ReadOnlySpan<object?> values)
    {
        lock (_gate)
        {
            using var command = _db.Statement(sql, values.Length).With(values);
            return command.ExecuteNonQuery();
        }
    }

    internal List<T> Read<T>(string sql, Func<SqliteDataReader, T> row, params ReadOnlySpan<object?> values)
    {
        lock (_gate)
        {
            using var command = _db.Statement(sql, values.Length).With(values);
            return command.List(row);
        }
    }

    internal static string Text(SiteScope sites) => JsonSerializer.Serialize(sites.Names.ToArray());

    internal static string? Text(IReadOnlySet<Right>? only) => only is null ? null : JsonSerializer.Serialize(only.Select(AccessTable.NameOf).ToArray());

    // What this version does not know gives nothing.
    internal static Grant GrantOf(string role, string sites, string? rights) => new(
        AccessTable.RoleOf(role) ?? Role.Anonymous,
        new SiteScope(JsonSerializer.Deserialize<string[]>(sites)!),
        rights is null ? null : JsonSerializer.Deserialize<string[]>(rights)!.Select(AccessTable.RightOf).OfType<Right>().ToHashSet());

    internal static DateTimeOffset At(SqliteDataReader row, int column) => DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(column));

    internal static string? Maybe(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
