using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api.Access;

/// <summary><c>/v1/tokens</c>: tokens of scripts.</summary>
internal static class TokenEndpoints
{
    private const int MostBytes = 64 * 1024;

    public static void MapTokens(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/tokens", List).Needs(Right.ManageTokens).Produces<TokenList>();
        v1.MapPost("/tokens", Make).Needs(Right.ManageTokens).WithMetadata(new RequestSizeLimitAttribute(MostBytes))
            .Produces<TokenState>(201).ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);
        v1.MapDelete("/tokens/{id}", Revoke).Needs(Right.ManageTokens).Produces(204).ProducesProblem(404);
    }

    private static IResult List([FromServices] ITokens tokens) => TypedResults.Ok(new TokenList([.. tokens.List().Select(t => State(t, null))]));

    private static IResult Make([FromBody] NewToken asked, CurrentPerson person, [FromServices] ITokens tokens, TimeProvider time)
    {
        var (secret, made, problem) = NewTokens.Make(tokens, asked, person.Name, time.GetUtcNow());
        return problem is not null ? Problems.BadRequest(problem) : TypedResults.Created((string?)null, State(made!, secret));
    }

    private static IResult Revoke(string id, [FromServices] ITokens tokens, TimeProvider time) =>
        tokens.Revoke(id, time.GetUtcNow()) ? TypedResults.NoContent() : Problems.NotFound("there is no such token; GET /v1/tokens lists them");

    private static TokenState State(ApiToken t, string? secret) => new(
        t.Id, t.Name, AccessTable.NameOf(t.Grant.Role), t.Grant.Sites.Names, t.Grant.Only?.Select(AccessTable.NameOf).ToArray(),
        t.MadeAt, t.ExpiresAt, t.MadeBy, secret);
}
