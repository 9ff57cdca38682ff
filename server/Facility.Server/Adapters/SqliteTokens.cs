using Facility.Domain.Access;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary><see cref="ITokens"/> in <see cref="AccessFile"/>.</summary>
public sealed class SqliteTokens(AccessFile file) : ITokens
{
    private const string Columns = "SELECT id, name, role, sites, rights, made, expires, by FROM token WHERE revoked IS NULL";

    public void Add(string hash, ApiToken token) => file.Run(
        "INSERT INTO token VALUES($0,$1,$2,$3,$4,$5,$6,$7,$8,NULL)",
        token.Id, hash, token.Name, AccessTable.NameOf(token.Grant.Role), AccessFile.Text(token.Grant.Sites), AccessFile.Text(token.Grant.Only),
        token.MadeAt.ToUnixTimeMilliseconds(), token.ExpiresAt.ToUnixTimeMilliseconds(), token.MadeBy);

    public ApiToken? Find(string hash, DateTimeOffset now) =>
        file.Read(Columns + " AND hash = $0 AND expires > $1", Token, hash, now.ToUnixTimeMilliseconds()).SingleOrDefault();

    public IReadOnlyList<ApiToken> List() => file.Read(Columns + " ORDER BY made, id", Token);

    public bool Revoke(string id, DateTimeOffset now) =>
        file.Run("UPDATE token SET revoked = $1 WHERE id = $0 AND revoked IS NULL", id, now.ToUnixTimeMilliseconds()) == 1;

    private static ApiToken Token(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), AccessFile.GrantOf(row.GetString(2), row.GetString(3), AccessFile.Maybe(row, 4)),
        AccessFile.At(row, 5), AccessFile.At(row, 6), row.GetString(7));
}
