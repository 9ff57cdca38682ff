using Facility.Domain.Access;

namespace Facility.Server.Ports;

/// <summary>Who has signed in. A session is looked up at each request: what ends it, ends it at once.</summary>
public interface ISessions
{
    void Add(string hash, Session session);

    /// <summary>With the role and sites that its account has now. Null for one that never was, has ended or was not used for too long.</summary>
    Session? Find(string hash, DateTimeOffset now);

    void End(string hash);

    /// <summary>All of an account.</summary>
    void EndAll(string account);

    /// <summary>Forgets what has expired.</summary>
    void Forget(DateTimeOffset now);
}

/// <summary>One person at one browser.</summary>
/// <param name="Account">Null for a person of the organisation's own provider, who has none here.</param>
/// <param name="IdToken">What that provider wants to see when one signs out there.</param>
public sealed record Session(
    string? Account, string Name, Grant Grant, DateTimeOffset MadeAt, DateTimeOffset SeenAt, DateTimeOffset ExpiresAt, string? IdToken = null);

/// <summary>Links by which somebody becomes a person with an account. Of each only a hash is kept; it works once.</summary>
public interface IInvitations
{
    void Add(string hash, Invitation invitation);

    /// <summary>Null for one that never was, was used or has expired.</summary>
    Invitation? Find(string hash, DateTimeOffset now);

    /// <summary>Keeps the secret of the authenticator app that is being set up.</summary>
    void Prepare(string hash, string authenticatorKey);

    /// <summary>False where somebody used it first.</summary>
    bool Use(string hash, DateTimeOffset now);

    /// <summary>Takes back those of the first administrator.</summary>
    void ForgetFirst();
}

/// <param name="Account">Whose password and app are set anew; null for a new account.</param>
/// <param name="AuthenticatorKey">Set while the app is being set up.</param>
public sealed record Invitation(Grant Grant, DateTimeOffset ExpiresAt, string By, string? Account = null, string? AuthenticatorKey = null)
{
    /// <summary>Who makes the first one.</summary>
    public const string FirstStart = "first start";
}
