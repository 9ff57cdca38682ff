using System.Net.Http.Headers;
using System.Text.Json;
using Facility.Contracts;
using Facility.Domain.OnCall;
using Facility.Server.OnCall;
using Facility.Server.Ports;

namespace Facility.Server.Adapters.Channels;

/// <summary>Any other service, such as a gateway for text messages or calls: a signed JSON message to a URL (Standard Webhooks).</summary>
/// <remarks>The same <c>webhook-id</c> comes again where an answer was lost: a receiver drops what it had. It may report delivery to <c>data.report</c>.</remarks>
/// <param name="signature">Null: no secret was given, and this channel is refused.</param>
/// <param name="server">Where this server is reached; null where nobody takes reports of delivery.</param>
internal sealed class WebhookChannel(WebhookSignature? signature, Uri? server, HttpClient http, TimeProvider time) : IChannel
{
    private const int MostText = 64 * 1024;

    public string Kind => "webhook";

    public string? Refusal(string address) => signature is null
        ? "webhook needs --webhook-secret-file: a file with whsec_ and 24 to 64 bytes in base64, that the receiver has too"
        : Provider.Refusal(Kind, address);

    public async Task<SendAnswer> SendAsync(Message message, CancellationToken cancellation)
    {
        if (signature is null || Refusal(message.Address) is not null)
        {
            return new SendAnswer(SendOutcome.Refused, Refusal(message.Address)!);
        }

        var now = time.GetUtcNow();
        var body = JsonSerializer.SerializeToUtf8Bytes(new
        {
            type = "page",
            timestamp = Rfc3339.Format(now),
            data = new
            {
                id = message.Id,
                incident = message.Incident,
                person = message.Person,
                title = SafeText.Line(message.Title),
                text = SafeText.Lines(message.Text, MostText),
                link = message.Link?.AbsoluteUri,
                urgent = message.Urgent,
                language = message.Language,
                report = server is null ? null : new Uri(server, $"/v1/deliveries/{message.Id}/report").AbsoluteUri,
            },
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, message.Address) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(WebhookSignature.IdHeader, message.Id);
        request.Headers.Add(WebhookSignature.TimeHeader, WebhookSignature.Seconds(now));
        request.Headers.Add(WebhookSignature.SignatureHeader, signature.Sign(message.Id, now, body));
        return await Provider.SendAsync(http, request, status => status is 400 or 404 or 410 ? SendOutcome.Refused : SendOutcome.Failed, cancellation);
    }
}
