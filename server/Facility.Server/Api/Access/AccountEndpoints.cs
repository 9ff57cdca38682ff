using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api.Access;

/// <summary><c>/v1/accounts</c>: who has an account, with which role at which sites.</summary>
internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/accounts", List).Needs(Right.ManageAccounts).Produces<AccountList>();
        v1.MapPost("/accounts", Invite).Needs(Right.ManageAccounts).Produces<InvitationLink>(201).ProducesProblem(400).ProducesProblem(415);
        v1.MapPut("/accounts/{account}", Change).Needs(Right.ManageAccounts).Produces<AccountState>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(415);
        v1.MapDelete("/accounts/{account}", Remove).Needs(Right.ManageAccounts).Produces(204).ProducesProblem(404).ProducesProblem(409);
        v1.MapPost("/accounts/{account}/invitation", Renew).Needs(Right.ManageAccounts).Produces<InvitationLink>(201).ProducesProblem(404);
    }

    private static IResult List([FromServices] IAccounts accounts) => TypedResults.Ok(new AccountList([.. accounts.List().Select(State)]));

    private static IResult Invite(
        [FromBody] AccountGrant asked, CurrentPerson person, [FromServices] IInvitations invitations, [FromServices] ServerOptions options, TimeProvider time)
    {
        var (grant, problem) = Grants.Read(asked.Role, asked.Sites);
        return grant is null ? Problems.BadRequest(problem!) : Link(NewInvitations.Make(invitations, options.PublicUrl, grant, person.Name, time.GetUtcNow()), grant);
    }

    private static IResult Renew(
        string account, CurrentPerson person, [FromServices] IAccounts accounts, [FromServices] IInvitations invitations, [FromServices] ServerOptions options, TimeProvider time) =>
        accounts.Find(account) is { } known
            ? Link(NewInvitations.Make(invitations, options.PublicUrl, known.Grant, person.Name, time.GetUtcNow(), known.Id), known.Grant)
            : Unknown();

    private static IResult Change(string account, [FromBody] AccountGrant asked, [FromServices] IAccounts accounts)
    {
        var (grant, problem) = Grants.Read(asked.Role, asked.Sites);
        return grant is null ? Problems.BadRequest(problem!)
            : Done(() => accounts.Change(account, grant.Role, grant.Sites) ? TypedResults.Ok(State(accounts.Find(account)!)) : Unknown());
    }

    private static IResult Remove(string account, [FromServices] IAccounts accounts) => Done(() => accounts.Remove(account) ? TypedResults.NoContent() : Unknown());

    private static IResult Done(Func<IResult> act)
    {
        try
        {
            return act();
        }
        catch (LastAdministratorException e)
        {
            return Problems.Of(StatusCodes.Status409Conflict, e.Message);
        }
    }

    private static IResult Link((Uri Link, DateTimeOffset Until) made, Grant grant) => TypedResults.Created(
        (string?)null, new InvitationLink(made.Link.ToString(), AccessTable.NameOf(grant.Role), grant.Sites.Names, made.Until));

    private static AccountState State(Account a) => new(a.Id, a.Name, AccessTable.NameOf(a.Role), a.Sites.Names, a.MadeAt);

    private static IResult Unknown() => Problems.NotFound("there is no such account; GET /v1/accounts lists them");
}
