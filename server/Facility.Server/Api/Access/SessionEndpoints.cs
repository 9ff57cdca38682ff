using Facility.Contracts.Rest;
using Facility.Domain.Access;

namespace Facility.Server.Api.Access;

/// <summary><c>/v1/session</c>: who the caller is, and signing in and out.</summary>
internal static class SessionEndpoints
{
    public static void MapSession(this IEndpointRouteBuilder v1) =>
        v1.MapGet("/session", Now).OpenToAll("tells callers what they themselves may do").Produces<SessionState>();

    private static IResult Now(CurrentPerson person) => TypedResults.Ok(new SessionState(
        person.IsSignedIn ? person.Name : null, AccessTable.NameOf(person.Role), person.Sites.Names, [.. person.Grant.Rights.Select(AccessTable.NameOf)]));
}
