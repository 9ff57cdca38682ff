using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.Incidents;
using Facility.Server.Api.Access;
using Facility.Server.Places;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary><c>/v1/configuration</c>: the sites as they rule, what a change would mean, saving it, and what was before.</summary>
internal static class ConfigurationEndpoints
{
    private const int MostBytes = 2_000_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void MapConfiguration(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/configuration", ([FromServices] SitesConfiguration configuration) => TypedResults.Ok(configuration.Current)).Needs(Right.ConfigureSites).Produces<ConfigurationState>();
        v1.MapPut("/configuration", (
                [FromBody] ConfigurationDraft draft, HttpContext context, [FromServices] SitesConfiguration configuration, CancellationToken cancellation) =>
            SavedAsync(draft, patience => configuration.SaveAsync(draft, Who(context), patience), cancellation)).Needs(Right.ConfigureSites).Saves();
        v1.MapPost("/configuration/check", ([FromBody] ConfigurationQuestion question, [FromServices] SitesConfiguration configuration) =>
            TypedResults.Ok(configuration.Check(question.Document))).Needs(Right.ConfigureSites).Checks();
        v1.MapGet("/configuration/revisions", ([FromServices] SitesConfiguration configuration) => TypedResults.Ok(configuration.Revisions)).Needs(Right.ConfigureSites).Produces<RevisionList>();
        v1.MapGet("/configuration/revisions/{number}", (long number, [FromServices] SitesConfiguration configuration) =>
            configuration.Find(number) is { } found ? TypedResults.Ok(found) : Problems.NotFound("there is no such revision; GET /v1/configuration/revisions lists them"))
            .Needs(Right.ConfigureSites).Produces<ConfigurationState>().ProducesProblem(404);
    }

    internal static RouteHandlerBuilder Saves(this RouteHandlerBuilder route) => route.WithMetadata(new RequestSizeLimitAttribute(MostBytes))
        .Produces<ConfigurationState>().ProducesProblem(400).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415).ProducesProblem(503);

    internal static RouteHandlerBuilder Checks(this RouteHandlerBuilder route) => route.WithMetadata(new RequestSizeLimitAttribute(MostBytes))
        .Produces<ConfigurationCheck>().ProducesProblem(400).ProducesProblem(413).ProducesProblem(415);

    internal static async Task<IResult> SavedAsync(ConfigurationDraft draft, Func<CancellationToken, Task<SaveAnswer>> save, CancellationToken cancellation)
    {
        if (PersonText.Problem(null, draft.Note) is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            return await save(patience.Token) switch
            {
                { Problems: { } problems } => Problems.Of(problems),
                { Conflict: { } ruling } => Problems.Of(StatusCodes.Status409Conflict,
                    $"revision {ruling} rules by now, and this was made from {draft.BasedOn}: look at what changed, and make the change again"),
                { Unavailable: { } why } => Problems.Of(StatusCodes.Status503ServiceUnavailable, why),
                var answer => TypedResults.Ok(answer.Saved),
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable,
                "it is not on disk after 10 s: the disk may be full. Look at the revisions before sending it again: it may still be taken");
        }
    }

    internal static string Who(HttpContext context) => CurrentPerson.Of(context).ActsAs(null);
}
