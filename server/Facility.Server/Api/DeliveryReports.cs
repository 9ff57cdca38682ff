using System.Text.Json;
using System.Text.Json.Serialization;
using Facility.Server.Api.Access;
using Facility.Server.OnCall;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary><c>POST /v1/deliveries/{id}/report</c>: a gateway says that a person's device has a message. Signed as the messages to it are.</summary>
internal static class DeliveryReports
{
    private const int MostBytes = 4096;
    private const int MostDetail = 200;

    public static void MapDeliveryReports(this IEndpointRouteBuilder v1) => v1.MapPost("/deliveries/{id}/report", TakeAsync)
        .OpenToAll("signed with the secret that it shares with the gateway")
        .Accepts<Report>("application/json").Produces(204).ProducesProblem(400).ProducesProblem(401).ProducesProblem(404).ProducesProblem(413);

    private static async Task<IResult> TakeAsync(
        string id, HttpRequest request, [FromServices] Pager pager, IServiceProvider services, TimeProvider time, CancellationToken cancellation)
    {
        if (services.GetService<WebhookSignature>() is not { } signature)
        {
            return Problems.NotFound("this server takes no reports: it was started without --webhook-secret-file");
        }

        // One byte more than may be: then it is too long.
        var buffer = new byte[MostBytes + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
        if (length > MostBytes)
        {
            return Problems.Of(413, $"a report has at most {MostBytes} bytes");
        }

        var body = buffer.AsMemory(0, length);
        var headers = request.Headers;
        if (signature.Refusal(
            headers[WebhookSignature.IdHeader].ToString(), headers[WebhookSignature.TimeHeader].ToString(), headers[WebhookSignature.SignatureHeader].ToString(),
            body.Span, time.GetUtcNow()) is { } refusal)
        {
            return Problems.Of(401, refusal);
        }

        // The id stands in what is signed: a report of one message is no report of another.
        return Read(body) is not { } report || report.Id != id ? Problems.BadRequest("""give {"id": "the id in the path", "detail": "what the provider says"}""")
            : pager.Delivered(id, Short(report.Detail ?? "")) ? TypedResults.NoContent()
            : Problems.NotFound("there is no such delivery, or it was forgotten after 90 days");
    }

    private static Report? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonSerializer.Deserialize<Report>(body.Span);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Short(string text) => new([.. text.Take(MostDetail).Select(c => char.IsControl(c) ? ' ' : c)]);

    /// <param name="Id">Of the delivery: <c>data.id</c> of the message.</param>
    /// <param name="Detail">The provider's words, such as when and where; the first 200 characters are kept.</param>
    internal sealed record Report([property: JsonPropertyName("id")] string? Id, [property: JsonPropertyName("detail")] string? Detail);
}
