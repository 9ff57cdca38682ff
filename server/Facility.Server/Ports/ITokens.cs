using Facility.Domain.Access;

namespace Facility.Server.Ports;

/// <summary>Tokens of scripts: named, limited to a role and sites, expiring and revocable. Of each only a hash is kept.</summary>
public interface ITokens
{
    /// <summary>Keeps a new token. Another process that has the file open sees it at once.</summary>
    void Add(string hash, ApiToken token);

    /// <summary>Null for one that never was, has expired or was revoked.</summary>
    ApiToken? Find(string hash, DateTimeOffset now);

    /// <summary>All that have not been revoked, also those that have expired.</summary>
    IReadOnlyList<ApiToken> List();

    /// <summary>False where there is none, or it was revoked before.</summary>
    bool Revoke(string id, DateTimeOffset now);
}

/// <summary>What is known of a token; not the token itself.</summary>
public sealed record ApiToken(string Id, string Name, Grant Grant, DateTimeOffset MadeAt, DateTimeOffset ExpiresAt, string MadeBy);
