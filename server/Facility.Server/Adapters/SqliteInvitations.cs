using Facility.Domain.Access;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary><see cref="IInvitations"/> in <see cref="AccessFile"/>.</summary>
public sealed class SqliteInvitations(AccessFile file) : IInvitations
{
    public void Add(string hash, Invitation invitation) => file.Run(
        "INSERT INTO invitation VALUES($0,$1,$2,$3,$4,$5,NULL,NULL)",
        hash, AccessTable.NameOf(invitation.Grant.Role), AccessFile.Text(invitation.Grant.Sites), invitation.ExpiresAt.ToUnixTimeMilliseconds(), invitation.By,
        invitation.Account);

    public Invitation? Find(string hash, DateTimeOffset now) => file.Read(
        "SELECT role, sites, expires, by, account, key FROM invitation WHERE hash = $0 AND expires > $1 AND used IS NULL",
        Invitation, hash, now.ToUnixTimeMilliseconds()).SingleOrDefault();

    public void Prepare(string hash, string authenticatorKey) => file.Run("UPDATE invitation SET key = $1 WHERE hash = $0", hash, authenticatorKey);

    public bool Use(string hash, DateTimeOffset now) =>
        file.Run("UPDATE invitation SET used = $1, key = NULL WHERE hash = $0 AND used IS NULL", hash, now.ToUnixTimeMilliseconds()) == 1;

    public void ForgetFirst() => file.Run("DELETE FROM invitation WHERE by = $0 AND used IS NULL", Ports.Invitation.FirstStart);

    private static Invitation Invitation(SqliteDataReader row) => new(
        AccessFile.GrantOf(row.GetString(0), row.GetString(1), null), AccessFile.At(row, 2), row.GetString(3), AccessFile.Maybe(row, 4), AccessFile.Maybe(row, 5));
}
