using Facility.Domain.Ingestion;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>What keeps journal.db from growing for ever: old entries go, and of refused batches only the newest stay.</summary>
/// <remarks>
/// Pages that come free are used again, so the file stays at the size that it needed at most. Stream rows are never
/// deleted: a device that comes back after years still finds what it was acknowledged, and nothing counts twice.
/// </remarks>
internal static class JournalBounds
{
    /// <summary>Of one device, so that one that sends rubbish does not push out what another did.</summary>
    private const int RefusedOfDevice = 50;
    private const int RefusedOfAll = 1000;
    private const int KeptBytes = 16 * 1024;

    /// <summary>
    /// Deletes the oldest entries that were received before a time, up to an entry, at most so many. Two stay whatever
    /// their age: the revision of the sites that rules where the journal begins, so that it can be followed from there,
    /// and the last entry, whose number and time the next one rises from.
    /// </summary>
    /// <returns>Entries deleted.</returns>
    public static int Trim(SqliteConnection connection, SqliteTransaction? transaction, DateTimeOffset before, long upTo, int most)
    {
        using var select = connection.Statement("SELECT id, type, received, (SELECT max(id) FROM entries) FROM entries ORDER BY id LIMIT $0", 1).With(most);
        select.Transaction = transaction;
        var oldest = select.List(r => (Id: r.GetInt64(0), Type: (RowType)r.GetInt32(1), Received: r.GetInt64(2), Last: r.GetInt64(3)));
        var past = oldest.TakeWhile(e => e.Received < before.UtcTicks && e.Id <= upTo && e.Id < e.Last).ToList();
        if (past.Count == 0)
        {
            return 0;
        }

        var rules = past.LastOrDefault(e => e.Type == RowType.Sites).Id;
        using var delete = connection.Statement("DELETE FROM entries WHERE id <= $0 AND id <> $1", 2).With(past[^1].Id, rules);
        delete.Transaction = transaction;
        return delete.ExecuteNonQuery();
    }

    /// <summary>Keeps a refused batch, at most its first 16 KiB, and drops the oldest beyond what is kept of a device, and of all.</summary>
    public static void Keep(SqliteConnection connection, SqliteTransaction? transaction, KeptBatch batch, DateTimeOffset now)
    {
        using var insert = connection.Statement(
            "INSERT INTO refused(at, site, device, reason, detail, stream, seq, size, payload) VALUES($0,$1,$2,$3,$4,$5,$6,$7,$8) RETURNING id", 9).With(
            now.UtcTicks, batch.Site, batch.Device, batch.Refusal.Reason, batch.Refusal.Detail, batch.Refusal.Stream?.ToString(),
            batch.Refusal.Seq, batch.Size, batch.Payload[..Math.Min(batch.Payload.Length, KeptBytes)].ToArray());
        insert.Transaction = transaction;
        TrimRefused(connection, transaction, batch.Site, batch.Device, (long)insert.ExecuteScalar()!);
    }

    private static void TrimRefused(SqliteConnection connection, SqliteTransaction? transaction, string site, string device, long newest)
    {
        using var delete = connection.Statement(
            $"""
            DELETE FROM refused WHERE id IN (SELECT id FROM refused WHERE site = $0 AND device = $1 ORDER BY id DESC LIMIT -1 OFFSET {RefusedOfDevice})
                OR id <= (SELECT id FROM refused WHERE id <= $2 ORDER BY id DESC LIMIT 1 OFFSET {RefusedOfAll})
            """,
            3).With(site, device, newest);
        delete.Transaction = transaction;
        delete.ExecuteNonQuery();
    }
}
