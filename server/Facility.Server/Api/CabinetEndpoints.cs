using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.Alerts;
using Facility.Domain.Incidents;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Api.Access;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary>AED cabinets of a site: how much of the time each was ready, and the checks of people.</summary>
internal static class CabinetEndpoints
{
    private static readonly Table<ReadinessRow> ReadinessTable = new Table<ReadinessRow>()
        .With("cabinet", r => r.Cabinet).With("minutes", r => r.Minutes).With("ready", r => r.Ready).With("absent", r => r.Absent)
        .With("expired", r => r.Expired).With("temperature", r => r.Temperature).With("tampered", r => r.Tampered)
        .With("unchecked", r => r.Unchecked).With("unknown", r => r.Unknown);

    public static void MapCabinets(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/sites/{site}/aed-readiness", ReadinessAsync).Needs(Right.SeeTrends).WithKeys("from", "to").Series<AedReadiness>();
        v1.MapPost("/sites/{site}/cabinets/{cabinet}/checks", CheckAsync).Needs(Right.ActOnIncidents).Told<CabinetCheck>();
    }

    private static async Task<IResult> ReadinessAsync(
        string site, HttpRequest request, [FromServices] ISitesDirectory sites, [FromServices] IIncidentStore store, TimeProvider time)
    {
        if (SiteEndpoints.Find(sites, site) is not { } known)
        {
            return SiteEndpoints.Unknown(site);
        }

        var query = new Query(request.Query, time.GetUtcNow()).Only("from", "to");
        var (from, to) = query.Range(days: 28);
        if (query.Problem is null && from >= time.GetUtcNow())
        {
            return Problems.BadRequest("from is in the future: of that nothing is known");
        }

        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        to = to < time.GetUtcNow() ? to : time.GetUtcNow();
        var plan = new SitePlan(known, sites.Current);
        var spans = store.Spans(site, from, to);
        ReadinessRow[] rows = [.. (known.Cabinets ?? []).Select(c => Readiness.Of(plan, c, spans, from, to))];
        return await Negotiated.OrJsonAsync(request, new AedReadiness(from, to, rows), rows, ReadinessTable, $"{site}-aed-readiness");
    }

    private static async Task<IResult> CheckAsync(
        string site, string cabinet, [FromBody] CabinetCheck? body, CurrentPerson person, [FromServices] ISitesDirectory sites, [FromServices] IFactJournal journal,
        TimeProvider time, CancellationToken cancellation)
    {
        if (SiteEndpoints.Find(sites, site) is not { } known)
        {
            return SiteEndpoints.Unknown(site);
        }

        if (known.Cabinets?.Any(c => c.Id == cabinet) != true)
        {
            return Problems.NotFound($"there is no such cabinet; {site} has {string.Join(", ", (known.Cabinets ?? []).Select(c => c.Id).DefaultIfEmpty("none"))}");
        }

        if (PersonText.Problem(body?.Who, body?.Note) is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        foreach (var (name, date) in new[] { ("padsExpire", body?.PadsExpire), ("batteryExpires", body?.BatteryExpires) })
        {
            if (date < today || date > today.AddYears(20))
            {
                return Problems.BadRequest($"{name} {date:yyyy-MM-dd} is not a day from {today:yyyy-MM-dd} to {today.AddYears(20):yyyy-MM-dd}");
            }
        }

        var check = new CabinetCheck(person.ActsAs(body?.Who), body?.PadsExpire, body?.BatteryExpires, PersonText.Note(body?.Note));
        return await IncidentEndpoints.TellAsync(
            journal, site, new CabinetChecked(cabinet, check.Who!, check.PadsExpire, check.BatteryExpires, check.Note), check, cancellation);
    }
}
