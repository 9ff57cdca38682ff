using Facility.Domain.Access;

namespace Facility.Server.Ports;

/// <summary>A person who may sign in with a password and a code of an authenticator app. Its store is one of ASP.NET Core Identity.</summary>
/// <remarks>Mutable, since Identity fills it.</remarks>
public sealed class Account
{
    public string Id { get; set; } = Guid.NewGuid().ToString("N");

    public string Name { get; set; } = "";

    /// <summary>By which it is found: names that differ only in case are the same.</summary>
    public string NormalizedName { get; set; } = "";

    /// <summary>Slow hash with its salt.</summary>
    public string? PasswordHash { get; set; }

    /// <summary>Base32 secret of the authenticator app.</summary>
    public string? AuthenticatorKey { get; set; }

    /// <summary>The code that was taken last: no code is taken twice.</summary>
    public string? LastCode { get; set; }

    public Role Role { get; set; }

    public SiteScope Sites { get; set; } = new([]);

    public DateTimeOffset MadeAt { get; set; }

    public Grant Grant => new(Role, Sites);
}

/// <summary>What the store of accounts does beyond what Identity asks of it.</summary>
public interface IAccounts
{
    IReadOnlyList<Account> List();

    Account? Find(string id);

    /// <summary>False where there is none.</summary>
    /// <exception cref="LastAdministratorException">Nobody who may manage accounts would be left.</exception>
    bool Change(string id, Role role, SiteScope sites);

    /// <summary>With its sessions. False where there is none.</summary>
    /// <exception cref="LastAdministratorException">Nobody who may manage accounts would be left.</exception>
    bool Remove(string id);
}

/// <summary>The last administrator of all sites stays.</summary>
public sealed class LastAdministratorException() : Exception("this is the last administrator of all sites: make another first");
