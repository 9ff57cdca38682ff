using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>
/// Databases that the server makes of its journal. One that is damaged is set aside, beside itself under a dated name for a person to look
/// at, of which the newest three stay; the server goes on without it and makes it again from the journal. The journal itself never is.
/// </summary>
internal static class DerivedFiles
{
    private const int Kept = 3;

    /// <summary>A larger one is not read whole at each start: damage in its middle is found when it is used.</summary>
    private const long MostChecked = 64 << 20;

    private static readonly string[] Parts = ["", "-wal", "-shm"];

    public static bool IsDamage(Exception e) => e is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB };

    /// <summary>It was found damaged while it was used: it is set aside at the next start.</summary>
    public static void Condemn(string path)
    {
        try
        {
            File.WriteAllText(path + ".damaged", "");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Then it is found damaged again.
        }
    }

    /// <summary>Sets a file aside when it is damaged, or in any case, and says so.</summary>
    /// <returns>Whether it was.</returns>
    /// <exception cref="IOException">It cannot be moved.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static bool SetAside(string path, DateTimeOffset now, bool anyway)
    {
        if (!File.Exists(path) || (Damage(path) ?? (anyway ? "what it was made for is gone" : null)) is not { } damage)
        {
            return false;
        }

        var aside = $"{path}.corrupt-{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)}";
        foreach (var part in Parts.Where(part => File.Exists(path + part)))
        {
            File.Move(path + part, aside + part, overwrite: true);
        }

        File.Delete(path + ".damaged");
        foreach (var old in Directory.GetFiles(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path) + ".corrupt-*Z").Order().SkipLast(Kept))
        {
            Array.ForEach(Parts, part => File.Delete(old + part));
        }

        Console.Error.WriteLine($"warning: {path} cannot be used ({damage}): it is now {aside}, and is made again from what the journal holds");
        return true;
    }

    private static string? Damage(string path)
    {
        if (File.Exists(path + ".damaged"))
        {
            return "it was found damaged";
        }

        try
        {
            using var file = JournalSchema.Open(path, readOnly: false);
            var check = new FileInfo(path).Length > MostChecked ? "SELECT 'ok' FROM (SELECT count(*) FROM sqlite_schema)" : "PRAGMA quick_check(1)";
            return file.List(check, r => r.GetString(0)) is ["ok"] ? null : "its pages do not fit together";
        }
        catch (SqliteException e) when (IsDamage(e))
        {
            return e.Message;
        }
    }
}
