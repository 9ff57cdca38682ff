using System.Text.Json;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Api.Access;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary>
/// <c>POST /v1/sites/{site}/counts</c>: a person's own count. 202 when it is on the journal's disk, with its time of receipt there;
/// the estimates follow within a moment.
/// </summary>
/// <remarks>
/// The body must be sent as JSON: another site's page in somebody's browser cannot do that unasked. Who counted stands with it
/// in the journal.
/// </remarks>
internal static class CountEndpoint
{
    private const int MostBytes = 4096;

    // A disk that takes longer than this is full, or as good as.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void MapCounts(this IEndpointRouteBuilder v1) => v1.MapPost("/sites/{site}/counts", Enter).Needs(Right.Count)
        .Accepts<PersonsCount>("application/json").Produces<PersonsCount>(202)
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ProducesProblem(503);

    private static async Task<IResult> Enter(
        string site, HttpRequest request, CurrentPerson person, [FromServices] ISitesDirectory sites, [FromServices] IFactJournal journal, [FromServices] TimeProvider time,
        CancellationToken cancellation)
    {
        if (sites.Current.Sites.FirstOrDefault(s => s.Id == site) is not { } known)
        {
            return SiteEndpoints.Unknown(site);
        }

        if (new Query(request.Query, time.GetUtcNow()).Only().Problem is { } badKey)
        {
            return Problems.BadRequest(badKey);
        }

        if (!request.HasJsonContentType())
        {
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "the body is JSON: send it with Content-Type: application/json");
        }

        var body = new byte[MostBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, cancellation);
        if (length > MostBytes)
        {
            return Problems.Of(StatusCodes.Status413PayloadTooLarge, $"the body is larger than {MostBytes} bytes; it is {{\"zone\":\"hall\",\"people\":37}}");
        }

        var (count, problem) = Read(body.AsSpan(0, length), new SitePlan(known));
        if (count is null)
        {
            return Problems.BadRequest(problem);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            await journal.AppendAsync(site, "", new CountEntered(count.Zone, count.People, person.ActsAs(null)), patience.Token);
            return TypedResults.Accepted((string?)null, count);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Problems.Of(StatusCodes.Status503ServiceUnavailable,
                "the journal is not on disk after 10 s: the disk may be full. Look at the occupancy before sending it again: it may still be taken");
        }
    }

    private static (PersonsCount? Count, string Problem) Read(ReadOnlySpan<byte> body, SitePlan plan)
    {
        try
        {
            var root = JsonElement.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (root.ValueKind != JsonValueKind.Object
                || root.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal).SequenceEqual(["people", "zone"]) is false)
            {
                return (null, "the body is an object with zone and people, and nothing else, such as {\"zone\":\"hall\",\"people\":37}");
            }

            var (zone, people) = (root.GetProperty("zone"), root.GetProperty("people"));
            var open = plan.Site.Zones.Where(z => !z.Private).Select(z => z.Id).Prepend(Site.WholeSite).ToArray();
            if (zone.ValueKind != JsonValueKind.String || !open.Contains(zone.GetString()))
            {
                return (null, zone.ValueKind == JsonValueKind.String && plan.Zone(zone.GetString()!) is not null
                    ? "that zone is private: of it only whether it is in use is kept, and no count"
                    : $"zone is not one of {string.Join(", ", open)}");
            }

            return people.ValueKind == JsonValueKind.Number && people.TryGetInt32(out var number) && number >= 0 && number <= plan.MostPeople
                ? (new PersonsCount(zone.GetString()!, number), "")
                : (null, $"people is not a whole number from 0 to {plan.MostPeople}");
        }
        catch (JsonException e)
        {
            return (null, "the body is not JSON: " + e.Message);
        }
        catch (InvalidOperationException)
        {
            return (null, "the body has half a surrogate pair, which is no Unicode");
        }
    }
}
