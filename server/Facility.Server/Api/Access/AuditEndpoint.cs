using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api.Access;

/// <summary><c>GET /v1/audit</c>: who saw and did what.</summary>
internal static class AuditEndpoint
{
    private static readonly Table<AuditRow> Columns = new Table<AuditRow>()
        .With("number", r => r.Number).With("at", r => r.At).With("who", r => r.Who).With("what", r => r.What).With("about", r => r.About).With("detail", r => r.Detail);

    public static void MapAudit(this IEndpointRouteBuilder v1) =>
        v1.MapGet("/audit", AnswerAsync).Needs(Right.SeeAudit).WithKeys("from", "to").Series<AuditList>();

    private static async Task<IResult> AnswerAsync(HttpRequest request, [FromServices] IAudit audit, TimeProvider time)
    {
        var query = new Query(request.Query, time.GetUtcNow()).Only("from", "to");
        var (from, to) = query.Range(days: 7);
        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        AuditRow[] rows = [.. audit.Between(from, to, Contracts.Limits.AnswerPoints).Select(e => new AuditRow(e.Number, e.At, e.Who, e.What, e.About, e.Detail))];
        return await Negotiated.OrJsonAsync(request, new AuditList(rows), rows, Columns, "audit");
    }
}
