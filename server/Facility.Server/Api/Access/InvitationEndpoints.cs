using System.Globalization;
using System.Text;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.Incidents;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using QRCoder;

namespace Facility.Server.Api.Access;

/// <summary><c>/v1/invitations/{code}</c>: from a link to an account with a password and an authenticator app. The code is a secret of 256 bits.</summary>
internal static class InvitationEndpoints
{
    private const string Why = "the link itself, made for one person for a day, is what opens it";

    public static void MapInvitations(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/invitations/{code}", Show).OpenToAll(Why).Produces<InvitationState>().ProducesProblem(404);
        v1.MapPost("/invitations/{code}", AcceptAsync).OpenToAll(Why).WithMetadata(new RequestSizeLimitAttribute(SessionEndpoints.MostBytes))
            .Produces<AuthenticatorSetup>().Produces<SessionState>(201).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(415);
    }

    private static IResult Show(string code, [FromServices] IInvitations invitations, [FromServices] IAccounts accounts, TimeProvider time) =>
        invitations.Find(Secrets.Hash(code), time.GetUtcNow()) is { } found
            ? TypedResults.Ok(new InvitationState(
                AccessTable.NameOf(found.Grant.Role), found.Grant.Sites.Names, found.ExpiresAt, found.Account is null ? null : accounts.Find(found.Account)?.Name))
            : Gone();

    private static async Task<IResult> AcceptAsync(
        string code, [FromBody] AcceptInvitation asked, HttpContext context, [FromServices] IInvitations invitations, [FromServices] UserManager<Account> users,
        [FromServices] ISessions sessions, [FromServices] IAudit audit, [FromServices] SignInState state, TimeProvider time)
    {
        if (SessionEndpoints.Refusal(context.Request) is { } refusal)
        {
            return refusal;
        }

        var (hash, now) = (Secrets.Hash(code), time.GetUtcNow());
        if (invitations.Find(hash, now) is not { } invitation)
        {
            return Gone();
        }

        var existing = invitation.Account is { } id ? await users.FindByIdAsync(id) : null;
        var name = existing?.Name ?? PersonText.Line(asked.Name);
        if (await ProblemAsync(users, name, existing, asked) is { } problem)
        {
            return problem;
        }

        if (asked.Code is not { Length: > 0 })
        {
            var key = invitation.AuthenticatorKey ?? users.GenerateNewAuthenticatorKey();
            invitations.Prepare(hash, key);
            return TypedResults.Ok(Setup(name, key));
        }

        var account = existing ?? new Account { Role = invitation.Grant.Role, Sites = invitation.Grant.Sites, MadeAt = now, Name = name };
        account.AuthenticatorKey = invitation.AuthenticatorKey;
        if (invitation.AuthenticatorKey is null || !await Passwords.IsCodeAsync(users, account, asked.Code))
        {
            return Problems.BadRequest("this code is not the one that the app shows now: is the clock of your phone right?");
        }

        // Once: of two who do it at the same time the second finds it used.
        if (!invitations.Use(hash, now))
        {
            return Gone();
        }

        account.LastCode = asked.Code;
        account.PasswordHash = users.PasswordHasher.HashPassword(account, asked.Password!);
        var made = existing is null ? await users.CreateAsync(account) : await users.UpdateAsync(account);
        if (!made.Succeeded)
        {
            return Problems.Of(StatusCodes.Status409Conflict, string.Join("; ", made.Errors.Select(e => e.Description)));
        }

        sessions.EndAll(account.Id);
        var secret = SessionCookie.Begin(context, sessions, new Session(account.Id, account.Name, account.Grant, now, now, now + SessionCookie.Lasts));
        audit.Record(account.Name, existing is null ? "account-made" : "account-set-anew", account.Name, $"{AccessTable.NameOf(account.Role)} of {account.Sites}, invited by {invitation.By}");
        return TypedResults.Created((string?)null, state.Of(account.Name, account.Grant, secret));
    }

    private static async Task<IResult?> ProblemAsync(UserManager<Account> users, string name, Account? existing, AcceptInvitation asked) =>
        name.Length is 0 or > PersonText.MostName ? Problems.BadRequest($"give a name of 1 to {PersonText.MostName} characters")
        : Passwords.Problem(asked.Password, name) is { } problem ? Problems.BadRequest(problem)
        : existing is null && await users.FindByNameAsync(name) is not null ? Problems.Of(StatusCodes.Status409Conflict, "somebody has this name already: add something to yours")
        : null;

    private static AuthenticatorSetup Setup(string name, string key)
    {
        var uri = $"otpauth://totp/Facility:{Uri.EscapeDataString(name)}?secret={key}&issuer=Facility&digits=6";
        return new AuthenticatorSetup(uri, key, Picture(uri));
    }

    // One path of squares, without a style: the page's policy allows none.
    private static string Picture(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var (squares, size) = (new StringBuilder(), code.ModuleMatrix.Count);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                if (code.ModuleMatrix[y][x])
                {
                    squares.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
                }
            }
        }

        return $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{size}v{size}h-{size}z\"/><path fill=\"#000\" d=\"{squares}\"/></svg>";
    }

    private static IResult Gone() => Problems.NotFound("this link was used, has expired, or never was: ask for a new one");
}
