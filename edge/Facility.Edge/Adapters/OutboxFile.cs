using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace Facility.Edge.Adapters;

/// <summary>
/// The outbox's SQLite file and its room on the disk. WAL with <c>synchronous=FULL</c>: a commit survives a power cut. The
/// lock is exclusive, so that two agents cannot share a folder.
/// </summary>
/// <remarks>
/// <code>
///   outbox.db      | pages in use ... | free pages, at least 512 KiB | the next chunk, when the disk has it
///   outbox.db-wal  | at least 2 MiB, kept at a close |
/// </code>
/// Everything that a commit needs is on the disk before it: the file may grow only by <see cref="TryGrow"/>, which asks the
/// disk first, so a full disk never stops a write or a checkpoint; it only ends the growth.
/// </remarks>
internal sealed partial class OutboxFile : IDisposable
{
    /// <summary>Small, since an event alone is a page in the log.</summary>
    public const int PageBytes = 1024;

    /// <summary>Free pages below which room is made: more than a group of 1,000 events takes, and 10,000 urgent ones alone.</summary>
    public const int ReservePages = 512;

    private const int Version = 2;
    // What is written twice to grow by it: an alarm that comes at that moment waits for it.
    private const int GrowPages = 256;
    private const int WalBytes = 2 << 20;
    private readonly SqliteConnection _connection;
    private readonly string _path;
    private readonly SafeFileHandle? _handle;
    private readonly long _mostPages;
    private SqliteCommand? _freePages;

    /// <param name="mostBytes">It never grows above this.</param>
    /// <exception cref="SqliteException">It cannot be opened, is locked by another process, is corrupt, or is of another version.</exception>
    public OutboxFile(string path, string schema, long mostBytes)
    {
        _mostPages = mostBytes / PageBytes;
        _path = path;
        var isNew = !File.Exists(path);
        RequireHeader(path);
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 2 }.ToString());
        try
        {
            _connection.Open();
            KeepWalAtClose();
            Run(null, $"PRAGMA page_size={PageBytes}; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=1024; PRAGMA journal_size_limit=8388608");
            var version = Number("PRAGMA user_version");
            if (version == 0 && Number("SELECT COUNT(*) FROM sqlite_master") == 0)
            {
                Run(null, $"BEGIN; {schema}; CREATE TABLE room(filler BLOB); PRAGMA user_version={Version}; COMMIT");
            }
            else if (version != Version)
            {
                throw new SqliteException($"its schema is version {version}, and only {Version} is known", SqliteErrors.Corrupt);
            }

            using (var check = Command(null, "PRAGMA quick_check(1)"))
            {
                if (check.ExecuteScalar() is not "ok")
                {
                    throw new SqliteException("the check of the file found damage", SqliteErrors.Corrupt);
                }
            }

            Run(null, "DELETE FROM room");
            SetMostPages(Pages);
            if (OperatingSystem.IsLinux())
            {
                // Held until SQLite has closed: closing any handle of a file drops the locks that this process has on it.
                _handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
                ReserveWal();
            }
        }
        catch (Exception e)
        {
            Dispose();
            if (isNew && e is SqliteException { SqliteErrorCode: SqliteErrors.Full })
            {
                // Half made: left behind, it would pass for a damaged one.
                File.Delete(path);
                File.Delete(path + "-wal");
            }

            throw;
        }
    }

    // Asked before each write.
    public long FreePages => (long)(_freePages ??= Command(null, "PRAGMA freelist_count")).ExecuteScalar()!;

    private long Pages => Number("PRAGMA page_count");

    /// <summary>Adds free pages, up to some more than the reserve; false where the disk or the bound has no room for them.</summary>
    public bool TryGrow()
    {
        var pages = Pages;
        var chunk = Math.Max(ReservePages - FreePages, 0) + GrowPages;
        var needed = pages + chunk + 32;
        if (needed > _mostPages || (_handle is not null && !Allocate(_handle, needed * PageBytes)))
        {
            return false;
        }

        try
        {
            SetMostPages(needed);
            Run(null, "INSERT INTO room VALUES(zeroblob($n))", ("$n", (chunk - 1) * (PageBytes - 4)));
            return true;
        }
        catch (SqliteException e) when (e.SqliteErrorCode == SqliteErrors.Full)
        {
            return false;
        }
        finally
        {
            // A checkpoint, so that the pages are in the file and not only promised in the log.
            Run(null, "DELETE FROM room; PRAGMA wal_checkpoint(RESTART)");
            SetMostPages(Pages);
        }
    }

    public SqliteTransaction Begin() => _connection.BeginTransaction();

    public int Run(SqliteTransaction? transaction, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(transaction, sql, parameters);
        return command.ExecuteNonQuery();
    }

    /// <returns>Null where the answer is empty or NULL.</returns>
    public long? Query(SqliteTransaction? transaction, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = Command(transaction, sql, parameters);
        return command.ExecuteScalar() as long?;
    }

    public SqliteCommand Command(SqliteTransaction? transaction, string sql, params (string Name, object Value)[] parameters)
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

    public void Dispose()
    {
        try
        {
            // The log is emptied, and its room kept. With a limit SQLite would give that back.
            Run(null, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_size_limit=-1");
            ReserveWal();
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException or IOException)
        {
            // Not open, or too damaged: then there is nothing to keep.
        }

        _freePages?.Dispose();
        _connection.Dispose();
        _handle?.Dispose();
    }

    private long Number(string sql) => Query(null, sql) ?? 0;

    private void SetMostPages(long pages) => Run(null, $"PRAGMA max_page_count={pages}");

    private void KeepWalAtClose()
    {
        const int PersistWal = 10;
        var on = 1;
        _ = FileControl(_connection.Handle!.DangerousGetHandle(), 0, PersistWal, ref on);
    }

    // SQLite would take a whole first page from the log, and never see that the rest of the file is somebody else's.
    private static void RequireHeader(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        Span<byte> start = stackalloc byte[16];
        using var file = File.OpenRead(path);
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.SequenceEqual("SQLite format 3\0"u8))
        {
            throw new SqliteException(file.Length == 0 ? "it is empty" : "it is not a SQLite file", SqliteErrors.NotADatabase);
        }
    }

    private void ReserveWal()
    {
        if (_handle is not null)
        {
            using var wal = File.OpenHandle(_path + "-wal", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            _ = Allocate(wal, WalBytes);
        }
    }

    // Only a full disk says no: a file system that cannot reserve is taken at its word.
    private static bool Allocate(SafeFileHandle file, long bytes)
    {
        const int KeepSize = 1;
        const int NoSpace = 28;
        return Fallocate(file, KeepSize, 0, bytes) == 0 || Marshal.GetLastPInvokeError() != NoSpace;
    }

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int Fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control")]
    private static partial int FileControl(nint database, nint name, int operation, ref int value);
}

/// <summary>The result codes of SQLite that mean something to the outbox.</summary>
internal static class SqliteErrors
{
    public const int Error = 1;
    public const int Busy = 5;
    public const int ReadOnly = 8;
    public const int Corrupt = 11;
    public const int Full = 13;
    public const int CannotOpen = 14;
    public const int NotADatabase = 26;

    public static bool IsCorrupt(SqliteException e) => e.SqliteErrorCode is Corrupt or NotADatabase;

    /// <summary>At an opening also: a table or column that is not there, a file that may not be written, a folder in its place.</summary>
    public static bool IsUnusable(SqliteException e) => IsCorrupt(e) || e.SqliteErrorCode is Error or ReadOnly or CannotOpen;
}
