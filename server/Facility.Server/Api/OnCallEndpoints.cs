using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.OnCall;
using Facility.Server.Api.Access;
using Facility.Server.OnCall;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary><c>/v1/on-call</c>: who is called, and who was.</summary>
internal static class OnCallEndpoints
{
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    public static void MapOnCall(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/on-call", Now).Needs(Right.SeeOnCall).WithKeys("site", "severity", "at").Produces<OnCallNow>().ProducesProblem(400).ProducesProblem(404);
        v1.MapGet("/on-call/rosters/{roster}", Calendar).Needs(Right.SeeOnCall).WithKeys("from", "to").Produces<string>(200, "text/calendar").Produces<RosterDuties>().ProducesProblem(400).ProducesProblem(404);
        v1.MapGet("/incidents/{id}/deliveries", Deliveries).OfIncident(Right.SeeOnCall).Produces<DeliveryList>().ProducesProblem(404);
    }

    private static IResult Now(
        HttpRequest request, CurrentPerson person, [FromServices] OnCallRules rules, [FromServices] IOnCallStore store, [FromServices] ISitesDirectory sites,
        TimeProvider time)
    {
        var now = time.GetUtcNow();
        var query = new Query(request.Query, now).Only("site", "severity", "at");
        var known = sites.Current.Sites.Select(s => s.Id).Where(person.May).ToArray();
        var site = query.Choice("site", known.FirstOrDefault() ?? "", known);
        var severity = query.Choice("severity", "urgent", "urgent", "normal");
        var at = query.Time("at", now);
        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        if (rules.Current is not { } escalation || escalation.PolicyOf(site, severity) is not { } policy)
        {
            return Nobody();
        }

        var drill = Chores.LastDrill(escalation, now) is { } last ? Chores.DrillOf(last) : null;
        var steps = policy.Steps.Select((step, i) => new OnCallStep(i + 1, step.After, [.. escalation.People(step.Notify, at).Select(id => new OnCallDuty(
            id, escalation.Find(id)?.Name ?? id, Until(escalation, step.Notify, id, at), drill is null ? null : store.IsConfirmed(drill, id)))]));
        var rosters = policy.Steps.SelectMany(s => s.Notify).Where(n => n.StartsWith("roster:", StringComparison.Ordinal)).Select(n => n[7..]).Distinct();
        var gaps = rosters.SelectMany(r => escalation.RosterOf(r)!.Between(at, at + Week).Where(d => d.Person is null).Select(d => new OnCallGap(r, d.From, d.Until)));
        return TypedResults.Ok(new OnCallNow(site, severity, at, policy.Repeat, [.. steps], [.. gaps]));
    }

    private static DateTimeOffset? Until(Escalation escalation, IReadOnlyList<string> notify, string person, DateTimeOffset at) => notify
        .Where(n => n.StartsWith("roster:", StringComparison.Ordinal)).Select(n => escalation.RosterOf(n[7..])!.Between(at, at.AddDays(60))[0])
        .Where(d => d.Person == person).Select(d => (DateTimeOffset?)d.Until).FirstOrDefault();

    private static IResult Calendar(
        string roster, HttpRequest request, [FromServices] OnCallRules rules, [FromServices] IRosterCalendar calendar, TimeProvider time)
    {
        var query = new Query(request.Query, time.GetUtcNow()).Only("from", "to");
        var now = time.GetUtcNow();
        var (from, to) = (query.Time("from", now), query.Time("to", now.AddDays(90)));
        if (query.Problem is { } problem || from >= to || to - from > TimeSpan.FromDays(1827))
        {
            return Problems.BadRequest(query.Problem ?? "from is before to, and at most 5 years");
        }

        return rules.Current is { } escalation && escalation.RosterOf(roster) is { } clock
            ? WantsJson(request) ? TypedResults.Ok(new RosterDuties(roster, [.. clock.Between(from, to).Select(d => new RosterDuty(d.Person, d.From, d.Until))]))
            : TypedResults.Text(calendar.Write(roster, [.. clock.Between(from, to).Where(d => d.Person is not null)], id => escalation.Find(id)?.Name ?? id), "text/calendar; charset=utf-8")
            : Problems.NotFound($"there is no roster {roster}; there are {string.Join(", ", rules.Current?.Document.Rosters.Select(r => r.Id) ?? [])}");
    }

    // A calendar program names no JSON; it is given the calendar.
    private static bool WantsJson(HttpRequest request) => request.GetTypedHeaders().Accept.Any(a => a.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase));

    private static IResult Deliveries(string id, [FromServices] IOnCallStore store, [FromServices] IIncidentStore incidents) => incidents.Find(id) is null
        ? Problems.NotFound("there is no such incident; GET /v1/incidents lists them")
        : TypedResults.Ok(new DeliveryList([.. store.Of(id).Select(d => new Contracts.Rest.DeliveryState(
            d.Id, d.Step + 1, d.Person, d.State.ToString().ToLowerInvariant(), d.DueAt,
            [.. (d.Attempts ?? []).Select(a => new DeliveryAttempt(a.At, a.Channel, a.Outcome, a.Detail))]))]));

    private static IResult Nobody() => Problems.NotFound("nobody is on call: the server was started without an on-call file (--on-call)");
}
