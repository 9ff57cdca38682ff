using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.Alerts;
using Facility.Domain.Incidents;
using Facility.Domain.Ingestion;
using Facility.Server.Api.Access;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary><c>/v1/incidents</c>: what a person must act on, and what people did.</summary>
internal static class IncidentEndpoints
{
    private const int MostListed = 1000;

    // Of all sites, for who is limited to some.
    private const int MostRead = 20_000;
    private const int MostBytes = 16 * 1024;

    public static void MapIncidents(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/incidents", List).Needs(Right.SeeIncidents).WithKeys("state", "site").Produces<IncidentList>().ProducesProblem(400);
        v1.MapGet("/incidents/{id}", One).OfIncident(Right.SeeIncidents).Produces<Incident>().ProducesProblem(404);
        v1.MapGet("/playbooks", () => TypedResults.Ok(new PlaybookList([.. Playbooks.All.Values.OrderBy(p => p.Rule, StringComparer.Ordinal)])))
            .Needs(Right.SeeIncidents).Produces<PlaybookList>();
        v1.MapPost("/incidents/{id}/acknowledgement", Act(PersonActed.Acknowledgement)).Acts();
        v1.MapPost("/incidents/{id}/resolution", Act(PersonActed.Resolution)).Acts();
        v1.MapPost("/incidents/{id}/notes", Act(PersonActed.Remark)).Acts();
        v1.MapPost("/incidents/{id}/steps/{step:int}", Step).Acts();
        v1.MapPost("/sites/{site}/evacuation", Evacuate).Needs(Right.CallEvacuation).Told<IncidentAct>();
        v1.MapCabinets();
    }

    /// <summary>Who may use an endpoint with the <c>{id}</c> of an incident in its path: callers with a right, at its site.</summary>
    internal static RouteHandlerBuilder OfIncident(this RouteHandlerBuilder route, Right right) => route.Needs(
        right,
        context => context.RequestServices.GetRequiredService<IIncidentStore>().Find((string)context.GetRouteValue("id")!)?.Site,
        _ => Unknown());

    internal static RouteHandlerBuilder Told<T>(this RouteHandlerBuilder route) => route
        .Produces<T>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ProducesProblem(503)
        .WithMetadata(new RequestSizeLimitAttribute(MostBytes));

    private static void Acts(this RouteHandlerBuilder route) => route.OfIncident(Right.ActOnIncidents).Produces<Incident>()
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(503)
        .WithMetadata(new RequestSizeLimitAttribute(MostBytes));

    /// <summary>Journals what a person told of a site: 202 when it is on disk.</summary>
    internal static async Task<IResult> TellAsync<T>(IFactJournal journal, string site, JournalFact fact, T told, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        try
        {
            await journal.AppendAsync(site, "", fact, patience.Token);
            return TypedResults.Accepted((string?)null, told);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, "the journal is not on disk after 10 s: the disk may be full. It may still be taken");
        }
    }

    private static IResult List(HttpRequest request, CurrentPerson person, [FromServices] IIncidentStore store, [FromServices] ISitesDirectory sites, TimeProvider time)
    {
        var query = new Query(request.Query, time.GetUtcNow()).Only("state", "site");
        var state = query.Choice("state", "", "", IncidentLife.Open, IncidentLife.Acknowledged, IncidentLife.Resolved);
        var site = query.Choice("site", "", sites.Current.Sites.Select(s => s.Id).Where(person.May).Prepend(""));
        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        var read = person.Sites.IsAll || site.Length > 0 ? MostListed : MostRead;
        return TypedResults.Ok(new IncidentList([.. store.List(site, state, read).Where(i => person.May(i.Site)).Take(MostListed)]));
    }

    private static IResult One(string id, [FromServices] IIncidentStore store) => store.Find(id) is { } incident ? TypedResults.Ok(incident) : Unknown();

    private static Delegate Act(string act) =>
        (string id, [FromBody] IncidentAct? body, CurrentPerson person, [FromServices] IncidentActs acts, CancellationToken cancellation) =>
            DoAsync(acts, body?.Who, body?.Note, new PersonActed(
                Guid.NewGuid(), id, act, person.ActsAs(body?.Who), PersonText.Note(body?.Note), 0, false,
                body?.Checked == true, body?.PadsExpire, body?.BatteryExpires), cancellation);

    private static Task<IResult> Step(
        string id, int step, [FromBody] StepAct? body, CurrentPerson person, [FromServices] IncidentActs acts, CancellationToken cancellation) =>
        DoAsync(acts, body?.Who, null, new PersonActed(
            Guid.NewGuid(), id, PersonActed.Tick, person.ActsAs(body?.Who), Step: step, Done: body?.Done ?? true), cancellation);

    private static async Task<IResult> DoAsync(IncidentActs acts, string? who, string? note, PersonActed act, CancellationToken cancellation)
    {
        if (PersonText.Problem(who, note) is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        try
        {
            var (next, refusal) = await acts.DoAsync(act, cancellation);
            return next is not null ? TypedResults.Ok(next)
                : refusal is not null ? Problems.Of(StatusCodes.Status409Conflict, refusal)
                : Unknown();
        }
        catch (ActPendingException e)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable, e.Message);
        }
    }

    private static async Task<IResult> Evacuate(
        string site, [FromBody] IncidentAct? body, CurrentPerson person, [FromServices] ISitesDirectory sites, [FromServices] IFactJournal journal, CancellationToken cancellation)
    {
        if (SiteEndpoints.Find(sites, site) is null)
        {
            return SiteEndpoints.Unknown(site);
        }

        var who = person.ActsAs(body?.Who);
        return PersonText.Problem(body?.Who, null) is { } problem ? Problems.BadRequest(problem)
            : await TellAsync(
                journal, site, new Observed(AlertRule.Evacuation, Site.WholeSite, null, true, new Saying(AlertRule.Evacuation), who), new IncidentAct(Who: who), cancellation);
    }

    private static IResult Unknown() => Problems.NotFound("there is no such incident; GET /v1/incidents lists them");
}
