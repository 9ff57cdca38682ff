using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.Incidents;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api.Access;

/// <summary><c>/v1/session</c>: who the caller is, and signing in and out.</summary>
internal static class SessionEndpoints
{
    public const int MostBytes = 8 * 1024;

    public static void MapSession(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/session", (CurrentPerson person, HttpContext context, [FromServices] SignInState state) => TypedResults.Ok(state.Of(person, context)))
            .OpenToAll("tells callers what they themselves may do").Produces<SessionState>();
        v1.MapPost("/session", SignInAsync).OpenToAll("signs in, by a password and a code").WithMetadata(new RequestSizeLimitAttribute(MostBytes))
            .Produces<SessionState>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(415).ProducesProblem(429);
        v1.MapDelete("/session", SignOutAsync).OpenToAll("signs out").Produces<SignedOut>().Produces(204).ProducesProblem(403);
    }

    private static async Task<IResult> SignInAsync(
        [FromBody] SignIn asked, HttpContext context, [FromServices] UserManager<Account> users, [FromServices] SignInLimits limits,
        [FromServices] ISessions sessions, [FromServices] IAudit audit, [FromServices] SignInState state, TimeProvider time)
    {
        if (Refusal(context.Request) is { } refusal)
        {
            return refusal;
        }

        var (name, address) = (users.NormalizeName(PersonText.Name(asked.Name)) ?? "", $"{context.Connection.RemoteIpAddress}");
        if (limits.Take(name, address) is var wait && wait > TimeSpan.Zero)
        {
            context.Response.Headers.RetryAfter = AccessGate.Seconds(wait);
            audit.Record(CurrentPerson.Nobody, "sign-in-refused", asked.Name ?? "", $"too many tries, from {address}");
            return Problems.Of(StatusCodes.Status429TooManyRequests, $"too many tries: wait {AccessGate.Seconds(wait)} s");
        }

        var account = await users.FindByNameAsync(name);
        if (!await Passwords.IsRightAsync(users, account, asked.Password, asked.Code))
        {
            audit.Record(CurrentPerson.Nobody, "sign-in-failed", asked.Name ?? "", $"from {address}");
            return Problems.Of(StatusCodes.Status401Unauthorized, "name, password or code is not right");
        }

        limits.Succeeded(name, address);
        var now = time.GetUtcNow();
        sessions.Forget(now);
        var secret = SessionCookie.Begin(context, sessions, new Session(account!.Id, account.Name, account.Grant, now, now, now + SessionCookie.Lasts));
        audit.Record(account.Name, "sign-in", "/v1/session", $"from {address}");
        return TypedResults.Ok(state.Of(account.Name, account.Grant, secret));
    }

    /// <summary>Why nobody may sign in by this request; null where one may.</summary>
    public static IResult? Refusal(HttpRequest request) =>
        !SessionCookie.IsSafe(request)
            ? Problems.Of(StatusCodes.Status403Forbidden, "sign in over https: here a password could be read on its way")
            : !Origins.IsOwn(request) ? Problems.Of(StatusCodes.Status403Forbidden, "another site's page cannot sign in here") : null;

    private static async Task<IResult> SignOutAsync(CurrentPerson person, HttpContext context, [FromServices] ISessions sessions, [FromServices] IAudit audit, TimeProvider time)
    {
        if (person.Key.StartsWith(CurrentPerson.SessionKey, StringComparison.Ordinal))
        {
            if (!SessionCookie.HasAntiforgery(context.Request))
            {
                return AccessGate.WithoutAntiforgery();
            }

            audit.Record(person.Who, "sign-out", "/v1/session");
            var idToken = sessions.Find(person.Key[CurrentPerson.SessionKey.Length..], time.GetUtcNow())?.IdToken;
            SessionCookie.End(context, sessions);
            if (idToken is not null)
            {
                return TypedResults.Ok(new SignedOut(await OpenId.SignOutAtAsync(context, idToken)));
            }
        }

        return TypedResults.NoContent();
    }
}

/// <summary>Tells a caller who it is.</summary>
internal sealed class SignInState(IAccounts accounts, OpenIdOptions? openId = null)
{
    public SessionState Of(CurrentPerson person, HttpContext context) => person.IsSignedIn
        ? Of(person.Name, person.Grant, person.Key.StartsWith(CurrentPerson.SessionKey, StringComparison.Ordinal) ? SessionCookie.Read(context.Request) : null)
        : new SessionState(null, AccessTable.NameOf(Role.Anonymous), person.Sites.Names, Rights(person.Grant), null, openId is null && accounts.List().Count == 0, openId is not null);

    public SessionState Of(string name, Grant grant, string? secret) => new(
        name, AccessTable.NameOf(grant.Role), grant.Sites.Names, Rights(grant), secret is null ? null : SessionCookie.AntiforgeryOf(secret), false, openId is not null);

    private static string[] Rights(Grant grant) => [.. grant.Rights.Select(AccessTable.NameOf)];
}
