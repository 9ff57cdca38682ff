using System.Net.Http.Headers;
using Facility.Contracts;
using Facility.Domain.OnCall;
using Facility.Server.Ports;

namespace Facility.Server.Adapters.Channels;

/// <summary>Push messages by an ntfy server: the address is the topic's URL, such as <c>https://ntfy.example.org/piket-anna</c>.</summary>
/// <remarks>
/// Published as JSON to the server's root (docs.ntfy.sh/publish, "Publish as JSON"): headers would have to be encoded, and break on old servers.
/// A text of more than 4,096 bytes would become an attachment: it is cut. With <c>sequence_id</c> a retry takes the place of what it repeats.
/// </remarks>
/// <param name="tokens">Access tokens by host: no other host is shown them.</param>
internal sealed class NtfyChannel(IReadOnlyDictionary<string, string> tokens, HttpClient http) : IChannel
{
    private const int MostText = 4000;

    public string Kind => "ntfy";

    public string? Refusal(string address)
    {
        if (Provider.Refusal(Kind, address) is { } refusal)
        {
            return refusal;
        }

        var url = new Uri(address);
        var topic = url.Segments[^1];
        return url.Query.Length == 0 && topic.Length <= 64 && topic.Length > 0 && topic.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')
            ? null
            : $"ntfy address {address} is not allowed: it ends in a topic of 1 to 64 letters, digits, _ and -, such as https://ntfy.example.org/piket-anna";
    }

    public async Task<SendAnswer> SendAsync(Message message, CancellationToken cancellation)
    {
        if (Refusal(message.Address) is { } refusal)
        {
            return new SendAnswer(SendOutcome.Refused, refusal);
        }

        var url = new Uri(message.Address);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url, "."))
        {
            Content = JsonContent.Create(new
            {
                topic = url.Segments[^1],
                title = SafeText.Line(message.Title),
                message = SafeText.Lines(message.Text, MostText),
                priority = message.Urgent ? 5 : 3,
                tags = new[] { message.Urgent ? "rotating_light" : "information_source" },
                click = message.Link?.AbsoluteUri ?? "",
                sequence_id = message.Id,
            }),
        };
        if (tokens.TryGetValue(url.Authority, out var token))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        // 4xx is ours or the address's, but for too many at once, a time-out, and a server that is too early.
        return await Provider.SendAsync(
            http, request, status => status is >= 400 and < 500 and not (408 or 425 or 429) ? SendOutcome.Refused : SendOutcome.Failed, cancellation);
    }
}
