using System.Security.Cryptography;
using System.Text;
using Facility.Server.Ports;

namespace Facility.Server.Api.Access;

/// <summary>Finds out who makes a request: a script by its token, a person by the cookie of a session, or nobody that is known.</summary>
internal sealed class Credentials(ITokens tokens, ISessions sessions, TimeProvider time)
{
    private const string Scheme = "Bearer ";

    /// <returns>Null with what is wrong, where a token was given that is none: it is not taken for no token at all.</returns>
    public (CurrentPerson? Person, string? Refusal) Of(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            // A session that has ended is as none: the page shows that one is signed out.
            return (SessionCookie.Read(context.Request) is { Length: > 0 } secret && OfSession(Secrets.Hash(secret)) is { } person
                ? person : CurrentPerson.Anonymous(context), null);
        }

        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && OfToken(Secrets.Hash(header[Scheme.Length..].Trim())) is { } script
            ? (script, null) : (null, "this token is not known here, has expired or was revoked");
    }

    /// <summary>The same caller as he stands now; null where his session or token has ended.</summary>
    public CurrentPerson? Again(CurrentPerson person) =>
        person.Key.StartsWith(CurrentPerson.TokenKey, StringComparison.Ordinal) ? OfToken(person.Key[CurrentPerson.TokenKey.Length..])
        : person.Key.StartsWith(CurrentPerson.SessionKey, StringComparison.Ordinal) ? OfSession(person.Key[CurrentPerson.SessionKey.Length..])
        : person;

    private CurrentPerson? OfToken(string hash) =>
        tokens.Find(hash, time.GetUtcNow()) is { } token ? new CurrentPerson(token.Name, token.Grant, CurrentPerson.TokenKey + hash) : null;

    private CurrentPerson? OfSession(string hash) =>
        sessions.Find(hash, time.GetUtcNow()) is { } session ? new CurrentPerson(session.Name, session.Grant, CurrentPerson.SessionKey + hash) : null;
}

/// <summary>Secrets that the server makes: 256 random bits, of which it keeps a hash alone.</summary>
/// <remarks>They are random already, so that a plain hash cannot be guessed from; what people choose goes through a slow one.</remarks>
internal static class Secrets
{
    public static string Make() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
