using Facility.Domain.Access;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Identity;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>Accounts in <see cref="AccessFile"/>: a store of ASP.NET Core Identity with what Facility needs of it, and no more.</summary>
public sealed class SqliteAccounts(AccessFile file) : IUserPasswordStore<Account>, IUserAuthenticatorKeyStore<Account>, IAccounts
{
    private const string Columns = "SELECT id, name, normalized, password, key, code, role, sites, made FROM account";

    // Not the last one who may make others.
    private const string Unless = " AND NOT (role = 'administrator' AND sites = '[\"*\"]' AND (SELECT count(*) FROM account WHERE role = 'administrator' AND sites = '[\"*\"]') = 1)";

    public IReadOnlyList<Account> List() => file.Read(Columns + " ORDER BY normalized", Account);

    public Account? Find(string id) => file.Read(Columns + " WHERE id = $0", Account, id).SingleOrDefault();

    public bool Change(string id, Role role, SiteScope sites)
    {
        if (Find(id) is null)
        {
            return false;
        }

        var changed = file.Run(
            "UPDATE account SET role = $1, sites = $2 WHERE id = $0" + (role == Role.Administrator && sites.IsAll ? "" : Unless),
            id, AccessTable.NameOf(role), AccessFile.Text(sites));
        return changed == 1 ? true : throw new LastAdministratorException();
    }

    public bool Remove(string id)
    {
        if (Find(id) is null)
        {
            return false;
        }

        if (file.Run("DELETE FROM account WHERE id = $0" + Unless, id) != 1)
        {
            throw new LastAdministratorException();
        }

        file.Run("DELETE FROM session WHERE account = $0", id);
        return true;
    }

    public Task<IdentityResult> CreateAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(Save(
        "INSERT INTO account VALUES($0,$1,$2,$3,$4,$5,$6,$7,$8)", user, user.MadeAt.ToUnixTimeMilliseconds()));

    // Role and sites change by Change alone.
    public Task<IdentityResult> UpdateAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(Save(
        "UPDATE account SET name = $1, normalized = $2, password = $3, key = $4, code = $5 WHERE id = $0", user, 0L));

    public Task<IdentityResult> DeleteAsync(Account user, CancellationToken cancellationToken) =>
        Task.FromResult(Remove(user.Id) ? IdentityResult.Success : IdentityResult.Failed());

    public Task<Account?> FindByIdAsync(string userId, CancellationToken cancellationToken) => Task.FromResult(Find(userId));

    public Task<Account?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        Task.FromResult(file.Read(Columns + " WHERE normalized = $0", Account, normalizedUserName).SingleOrDefault());

    public Task<string> GetUserIdAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Name);

    public Task SetUserNameAsync(Account user, string? userName, CancellationToken cancellationToken) => Done(user.Name = userName ?? "");

    public Task<string?> GetNormalizedUserNameAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.NormalizedName);

    public Task SetNormalizedUserNameAsync(Account user, string? normalizedName, CancellationToken cancellationToken) =>
        Done(user.NormalizedName = normalizedName ?? "");

    public Task SetPasswordHashAsync(Account user, string? passwordHash, CancellationToken cancellationToken) => Done(user.PasswordHash = passwordHash);

    public Task<string?> GetPasswordHashAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash);

    public Task<bool> HasPasswordAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.PasswordHash is not null);

    public Task SetAuthenticatorKeyAsync(Account user, string key, CancellationToken cancellationToken) => Done(user.AuthenticatorKey = key);

    public Task<string?> GetAuthenticatorKeyAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.AuthenticatorKey);

    /// <summary>The file closes with the server.</summary>
    public void Dispose()
    {
    }

    private static Task Done(string? _) => Task.CompletedTask;

    private static Account Account(SqliteDataReader row) => new()
    {
        Id = row.GetString(0),
        Name = row.GetString(1),
        NormalizedName = row.GetString(2),
        PasswordHash = AccessFile.Maybe(row, 3),
        AuthenticatorKey = AccessFile.Maybe(row, 4),
        LastCode = AccessFile.Maybe(row, 5),
        Role = AccessTable.RoleOf(row.GetString(6)) ?? Role.Anonymous,
        Sites = AccessFile.GrantOf("anonymous", row.GetString(7), null).Sites,
        MadeAt = AccessFile.At(row, 8),
    };

    private IdentityResult Save(string sql, Account user, long made)
    {
        try
        {
            return file.Run(
                sql, user.Id, user.Name, user.NormalizedName, user.PasswordHash, user.AuthenticatorKey, user.LastCode,
                AccessTable.NameOf(user.Role), AccessFile.Text(user.Sites), made) == 1 ? IdentityResult.Success : IdentityResult.Failed();
        }
        catch (SqliteException e) when (e.SqliteErrorCode == 19)
        {
            return IdentityResult.Failed(new IdentityErrorDescriber().DuplicateUserName(user.Name));
        }
    }
}
