using Facility.Domain.Access;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary><see cref="ISessions"/> in <see cref="AccessFile"/>.</summary>
public sealed class SqliteSessions(AccessFile file) : ISessions
{
    private static readonly TimeSpan Idle = TimeSpan.FromHours(24);
    private static readonly TimeSpan Often = TimeSpan.FromMinutes(5);

    public void Add(string hash, Session session) => file.Run(
        "INSERT INTO session VALUES($0,$1,$2,$3,$4,$5,$6,$7,$8)",
        hash, session.Account, session.Name, AccessTable.NameOf(session.Grant.Role), AccessFile.Text(session.Grant.Sites),
        session.MadeAt.ToUnixTimeMilliseconds(), session.SeenAt.ToUnixTimeMilliseconds(), session.ExpiresAt.ToUnixTimeMilliseconds(), session.IdToken);

    public Session? Find(string hash, DateTimeOffset now)
    {
        var found = file.Read(
            """
            SELECT s.account, coalesce(a.name, s.name), coalesce(a.role, s.role), coalesce(a.sites, s.sites), s.made, s.seen, s.expires, s.token
            FROM session s LEFT JOIN account a ON a.id = s.account
            WHERE s.hash = $0 AND s.expires > $1 AND s.seen > $2 AND (s.account IS NULL OR a.id IS NOT NULL)
            """,
            Session, hash, now.ToUnixTimeMilliseconds(), (now - Idle).ToUnixTimeMilliseconds()).SingleOrDefault();
        if (found is not null && now - found.SeenAt > Often)
        {
            Seen(hash, now);
        }

        return found;
    }

    public void End(string hash) => file.Run("DELETE FROM session WHERE hash = $0", hash);

    public void EndAll(string account) => file.Run("DELETE FROM session WHERE account = $0", account);

    public void Forget(DateTimeOffset now) =>
        file.Run("DELETE FROM session WHERE expires <= $0 OR seen <= $1", now.ToUnixTimeMilliseconds(), (now - Idle).ToUnixTimeMilliseconds());

    private static Session Session(SqliteDataReader row) => new(
        AccessFile.Maybe(row, 0), row.GetString(1), AccessFile.GrantOf(row.GetString(2), row.GetString(3), null),
        AccessFile.At(row, 4), AccessFile.At(row, 5), AccessFile.At(row, 6), AccessFile.Maybe(row, 7));

    // On a full disk a session is not prolonged; that ends it no sooner than a day later.
    private void Seen(string hash, DateTimeOffset now)
    {
        try
        {
            file.Run("UPDATE session SET seen = $1 WHERE hash = $0", hash, now.ToUnixTimeMilliseconds());
        }
        catch (SqliteException)
        {
        }
    }
}
