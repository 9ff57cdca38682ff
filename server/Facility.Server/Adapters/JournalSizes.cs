using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>How large the files of the server are, for <c>/metrics</c>.</summary>
internal static class JournalSizes
{
    /// <summary>The entries, and the refused batches that the same file keeps.</summary>
    public static IEnumerable<StoreSize> Of(SqliteConnection journal, string path)
    {
        // Counted by their numbers, which have no holes but after the sites revision that stays when those after it are trimmed.
        var rows = journal.List(
            $"SELECT ifnull((SELECT max(id) FROM entries) - (SELECT id FROM entries WHERE type <> {(int)Domain.Ingestion.RowType.Sites} ORDER BY id LIMIT 1) + 2, 0)",
            r => r.GetInt64(0));
        yield return new StoreSize("journal", Bytes(path), rows[0]);
        var refused = journal.List("SELECT ifnull(sum(length(payload)), 0), count(*) FROM refused", r => (r.GetInt64(0), r.GetInt64(1)));
        yield return new StoreSize("refused", refused[0].Item1, refused[0].Item2);
    }

    /// <summary>Of a SQLite file and its write-ahead log.</summary>
    public static long Bytes(string path) => new[] { path, path + "-wal" }.Select(p => new FileInfo(p)).Where(f => f.Exists).Sum(f => f.Length);
}
