using Facility.Contracts.OnCall;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.OnCall;
using Facility.Server.Api.Access;
using Facility.Server.OnCall;
using Facility.Server.Places;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary>The on-call file over <c>/v1/on-call</c>: its revisions, and swaps and turns taken over, which are revisions too.</summary>
internal static class OnCallConfigurationEndpoints
{
    private static readonly TimeSpan Farthest = TimeSpan.FromDays(400);
    private static readonly TimeSpan AroundATurn = TimeSpan.FromDays(40);

    public static void MapOnCallConfiguration(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/on-call/roster-file", ([FromServices] OnCallConfiguration configuration) => configuration.Current is { } ruling ? TypedResults.Ok(ruling) : Nothing())
            .Needs(Right.ConfigureSites).Produces<ConfigurationState>().ProducesProblem(404);
        v1.MapPut("/on-call/roster-file", ([FromBody] ConfigurationDraft draft, HttpContext context, [FromServices] OnCallConfiguration configuration, CancellationToken cancellation) =>
            ConfigurationEndpoints.SavedAsync(
                draft, _ => Task.FromResult(configuration.Save(draft, ConfigurationEndpoints.Who(context))), cancellation)).Needs(Right.ConfigureSites).Saves();
        v1.MapPost("/on-call/roster-file/check", ([FromBody] ConfigurationQuestion question, [FromServices] OnCallConfiguration configuration) =>
            TypedResults.Ok(configuration.Check(question.Document))).Needs(Right.ConfigureSites).Checks();
        v1.MapGet("/on-call/roster-file/revisions", ([FromServices] OnCallConfiguration configuration) => TypedResults.Ok(configuration.Revisions)).Needs(Right.ConfigureSites).Produces<RevisionList>();
        v1.MapGet("/on-call/roster-file/revisions/{number}", (long number, [FromServices] OnCallConfiguration configuration) =>
            configuration.Find(number) is { } found ? TypedResults.Ok(found) : Nothing()).Needs(Right.ConfigureSites).Produces<ConfigurationState>().ProducesProblem(404);
        v1.MapGet("/on-call/rosters", Rosters).Needs(Right.SeeOnCall).Produces<RosterList>().ProducesProblem(404);
        v1.MapPost("/on-call/swaps", Swap).Needs(Right.ChangeOnCall).Saves();
        v1.MapPost("/on-call/overrides", Take).Needs(Right.ChangeOnCall).Saves();
    }

    private static IResult Rosters(HttpContext context, [FromServices] OnCallRules rules, [FromServices] IOnCallStore store, TimeProvider time)
    {
        if (rules.Current is not { } escalation)
        {
            return Nothing();
        }

        var last = Chores.LastDrill(escalation, time.GetUtcNow());
        return TypedResults.Ok(new RosterList(
            escalation.Document.TimeZone,
            [.. escalation.Document.Rosters.Select(r => new RosterLine(r.Id, r.Name))],
            [.. escalation.Document.People.Select(p => new RosterPerson(p.Id, p.Name, last is { } at ? store.IsConfirmed(Chores.DrillOf(at), p.Id) : null))],
            last, Self(escalation.Document, ConfigurationEndpoints.Who(context))?.Id));
    }

    private static IResult Swap([FromBody] TurnSwap swap, HttpContext context, [FromServices] OnCallConfiguration configuration, TimeProvider time)
    {
        if (swap is not { First: { } first, Second: { } second })
        {
            return Problems.BadRequest("first and second are turns: {\"person\": \"anna\", \"at\": \"2026-11-25T12:00:00Z\"}");
        }

        var now = time.GetUtcNow();
        return Changed(configuration, context, $"{first.Person} en {second.Person} ruilen", (document, escalation) =>
        {
            if (escalation.RosterOf(swap.Roster) is not { } clock)
            {
                return (null, NoRoster(document, swap.Roster));
            }

            if (first.Person == second.Person)
            {
                return (null, "first and second are the same person: there is nothing to swap");
            }

            var shifts = new List<Shift>();
            foreach (var (turn, by) in new[] { (first, second.Person), (second, first.Person) })
            {
                if (turn.At < now || turn.At > now + Farthest)
                {
                    return (null, $"at {turn.At:O} is not a time from now to {Farthest.TotalDays} days ahead");
                }

                var duty = clock.Between(turn.At - AroundATurn, turn.At + AroundATurn).First(d => d.From <= turn.At && turn.At < d.Until);
                if (duty.Person != turn.Person)
                {
                    return (null, $"{turn.Person} is not on call at {turn.At:O}: {duty.Person ?? "nobody"} is; look at the calendar again");
                }

                shifts.Add(Local(by, duty.From > now ? duty.From : now, duty.Until, escalation.Zone));
            }

            return (OnCallConfiguration.WithOverrides(document, swap.Roster, shifts, now), null);
        });
    }

    private static IResult Take([FromBody] TurnTaken taken, HttpContext context, [FromServices] OnCallConfiguration configuration, TimeProvider time)
    {
        var now = time.GetUtcNow();
        return Changed(configuration, context, $"{taken.Person} neemt over", (document, escalation) =>
            escalation.RosterOf(taken.Roster) is null ? (null, NoRoster(document, taken.Roster))
            : escalation.Find(taken.Person) is null ? (null, $"person {taken.Person} is not one of {string.Join(", ", document.People.Select(p => p.Id))}")
            : taken.From >= taken.Until ? (null, "from is before until")
            : taken.Until <= now || taken.Until > now + Farthest ? (null, $"until is a time from now to {Farthest.TotalDays} days ahead")
            : (OnCallConfiguration.WithOverrides(document, taken.Roster, [Local(taken.Person, taken.From > now ? taken.From : now, taken.Until, escalation.Zone)], now), null));
    }

    private static IResult Changed(
        OnCallConfiguration configuration, HttpContext context, string note, Func<OnCallDocument, Escalation, (OnCallDocument? Next, string? Problem)> change)
    {
        string? problem = null;
        var answer = configuration.Change((document, _) =>
        {
            (var next, problem) = document is null ? (null, "there is no on-call file yet: PUT /v1/on-call/roster-file makes it") : change(document, new Escalation(document));
            return (next, new SaveAnswer());
        }, ConfigurationEndpoints.Who(context), note);
        return problem is not null ? Problems.BadRequest(problem)
            : answer.Unavailable is { } why ? Problems.Of(StatusCodes.Status503ServiceUnavailable, why)
            : TypedResults.Ok(answer.Saved);
    }

    // By the minute: the file knows no seconds.
    private static Shift Local(string person, DateTimeOffset from, DateTimeOffset until, TimeZoneInfo zone)
    {
        DateTime Minute(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, zone).DateTime is var local ? local.AddTicks(-(local.Ticks % TimeSpan.TicksPerMinute)) : default;
        return new Shift(person, Minute(from), Minute(until));
    }

    /// <summary>Whose account it is.</summary>
    internal static OnCallPerson? Self(OnCallDocument document, string account) =>
        document.People.FirstOrDefault(p => string.Equals(p.Account ?? p.Name, account, StringComparison.OrdinalIgnoreCase))
        ?? document.People.FirstOrDefault(p => p.Account is null && string.Equals(p.Id, account, StringComparison.OrdinalIgnoreCase));

    internal static IResult Nothing() => Problems.NotFound("there is none: PUT /v1/on-call/roster-file makes the first, and GET /v1/on-call/roster-file/revisions lists them");

    private static string NoRoster(OnCallDocument document, string roster) => $"roster {roster} is not one of {string.Join(", ", document.Rosters.Select(r => r.Id))}";
}
