using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Server.Api.Access;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary><c>GET /v1/push-key</c>: what a browser subscribes to push with; 503 says why it cannot.</summary>
internal static class PushEndpoint
{
    public static void MapPush(this IEndpointRouteBuilder v1) => v1.MapGet("/push-key", (HttpRequest request, [FromServices] IPushKey push, TimeProvider time) =>
        new Query(request.Query, time.GetUtcNow()).Only().Problem is { } problem ? Problems.BadRequest(problem)
            : push.PublicKey is { } key ? TypedResults.Ok(new PushKey(key))
            : Problems.Of(StatusCodes.Status503ServiceUnavailable, push.Problem!)).Needs(Right.SeeOnCall).Produces<PushKey>().ProducesProblem(400).ProducesProblem(503);
}
