using System.Security.Cryptography;
using System.Text;
using Facility.Server.Ports;

namespace Facility.Server.Api.Access;

/// <summary>
/// The cookie of a session: over https <c>__Host-facility</c>, which a browser takes from this host alone. On this machine itself, over
/// plain http to localhost, a cookie that is not Secure, since not all clients send a Secure one there. Elsewhere plain http signs nobody in.
/// </summary>
internal static class SessionCookie
{
    public const string AntiforgeryHeader = "X-Antiforgery";
    private const string OverHttps = "__Host-facility";
    private const string OnThisMachine = "facility";

    /// <summary>The longest that one stays signed in.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromDays(7);

    /// <summary>Whether a password may be sent over this connection.</summary>
    public static bool IsSafe(HttpRequest request) => request.IsHttps || request.Host.Host is "localhost" or "127.0.0.1" or "[::1]";

    public static string? Read(HttpRequest request) => request.Cookies[NameFor(request)];

    /// <summary>Begins a session at this browser, and ends the one that it had.</summary>
    public static string Begin(HttpContext context, ISessions sessions, Session session)
    {
        End(context, sessions);
        var secret = Secrets.Make();
        sessions.Add(Secrets.Hash(secret), session);
        context.Response.Cookies.Append(NameFor(context.Request), secret, Options(context.Request, Lasts));
        return secret;
    }

    public static void End(HttpContext context, ISessions sessions)
    {
        if (Read(context.Request) is { Length: > 0 } secret)
        {
            sessions.End(Secrets.Hash(secret));
            context.Response.Cookies.Delete(NameFor(context.Request), Options(context.Request, null));
        }
    }

    /// <summary>Follows from the cookie, which no script can read: another site can send neither.</summary>
    public static string AntiforgeryOf(string secret) => Secrets.Hash("antiforgery " + secret);

    public static bool HasAntiforgery(HttpRequest request) => Read(request) is { } secret && CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(AntiforgeryOf(secret)), Encoding.UTF8.GetBytes(request.Headers[AntiforgeryHeader].ToString()));

    private static string NameFor(HttpRequest request) => request.IsHttps ? OverHttps : OnThisMachine;

    private static CookieOptions Options(HttpRequest request, TimeSpan? lasts) => new()
    {
        Path = "/",
        Secure = request.IsHttps,
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        IsEssential = true,
        MaxAge = lasts,
    };
}
