using Facility.Contracts.Rest;
using Facility.Domain.Incidents;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary><c>/v1/incidents</c>: what a person must act on, and what people did.</summary>
internal static class IncidentEndpoints
{
    private const int MostListed = 1000;
    private const int MostText = 2000;

    public static void MapIncidents(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/incidents", List).WithKeys("state", "site").Produces<IncidentList>().ProducesProblem(400);
        v1.MapGet("/incidents/{id}", One).Produces<Incident>().ProducesProblem(404);
        v1.MapPost("/incidents/{id}/acknowledgement", Acknowledge).Produces<Incident>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        v1.MapPost("/incidents/{id}/resolution", Resolve).Produces<Incident>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
    }

    private static IResult List(HttpRequest request, [FromServices] IIncidentStore store, [FromServices] ISitesDirectory sites, TimeProvider time)
    {
        var query = new Query(request.Query, time.GetUtcNow()).Only("state", "site");
        var state = query.Choice("state", "", "", IncidentLife.Open, IncidentLife.Acknowledged, IncidentLife.Resolved);
        var site = query.Choice("site", "", sites.Current.Sites.Select(s => s.Id).Prepend(""));
        return query.Problem is { } problem ? Problems.BadRequest(problem) : TypedResults.Ok(new IncidentList(store.List(site, state, MostListed)));
    }

    private static IResult One(string id, [FromServices] IIncidentStore store) => store.Find(id) is { } incident ? TypedResults.Ok(incident) : Unknown();

    private static IResult Acknowledge(string id, [FromBody] IncidentAct? act, [FromServices] IncidentDesk desk, TimeProvider time) =>
        Do(id, act, desk, (incident, _) => IncidentLife.Acknowledge(incident, Who(act), act?.Note, time.GetUtcNow()));

    private static IResult Resolve(string id, [FromBody] IncidentAct? act, [FromServices] IncidentDesk desk, TimeProvider time) =>
        Do(id, act, desk, (incident, stands) => IncidentLife.Resolve(incident, act ?? new IncidentAct(), Who(act), stands, time.GetUtcNow()));

    private static IResult Do(string id, IncidentAct? act, IncidentDesk desk, Func<Incident, bool, (Incident?, string?)> change)
    {
        if (act is { Note.Length: > MostText } or { Who.Length: > 100 })
        {
            return Problems.BadRequest($"note holds at most {MostText} characters and who at most 100");
        }

        var (next, refusal) = desk.Act(id, change);
        return next is not null ? TypedResults.Ok(next)
            : refusal is not null ? Problems.Of(StatusCodes.Status409Conflict, refusal)
            : Unknown();
    }

    private static string Who(IncidentAct? act) => string.IsNullOrWhiteSpace(act?.Who) ? "unknown" : act.Who.Trim();

    private static IResult Unknown() => Problems.NotFound("there is no such incident; GET /v1/incidents lists them");
}
