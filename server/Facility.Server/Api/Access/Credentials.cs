using System.Security.Cryptography;
using System.Text;
using Facility.Server.Ports;

namespace Facility.Server.Api.Access;

/// <summary>Finds out who makes a request: a script by its token, or nobody that is known.</summary>
internal sealed class Credentials(ITokens tokens, TimeProvider time)
{
    private const string Scheme = "Bearer ";

    /// <returns>Null with what is wrong, where a credential was given that is none: it is not taken for no credential at all.</returns>
    public (CurrentPerson? Person, string? Refusal) Of(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            return (CurrentPerson.Anonymous(context), null);
        }

        var hash = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? Secrets.Hash(header[Scheme.Length..].Trim()) : "";
        return tokens.Find(hash, time.GetUtcNow()) is { } token
            ? (new CurrentPerson(token.Name, token.Grant, CurrentPerson.TokenKey + hash), null)
            : (null, "this token is not known here, has expired or was revoked");
    }
}

/// <summary>Secrets that the server makes: 256 random bits, of which it keeps a hash alone.</summary>
/// <remarks>They are random already, so that a plain hash cannot be guessed from; what people choose goes through a slow one.</remarks>
internal static class Secrets
{
    public static string Make() => System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
