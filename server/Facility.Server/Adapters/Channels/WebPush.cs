using System.Buffers.Text;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Facility.Domain.OnCall;
using Facility.Server.Ports;

namespace Facility.Server.Adapters.Channels;

/// <summary>
/// Push to an installed dashboard, by the push service of its browser (RFC 8030). A message that is sent again takes the place of the first,
/// at the push service while the browser is away (<c>Topic</c>) and in the browser (its id).
/// </summary>
/// <param name="keyFile">The server's key, made when it is first needed and not there; null: who runs this is not the server, and pushes nothing.</param>
/// <param name="contact">Whom push services may tell that something is wrong, <c>mailto:</c> or <c>https:</c>; null: this channel is not configured.</param>
internal sealed class WebPush(string? keyFile, string? contact, HttpClient http, TimeProvider time) : IChannel, IPushKey, IDisposable
{
    /// <summary>How long a push service keeps it for a browser that is away, in seconds: a day. Later the dashboard tells it.</summary>
    private const string Ttl = "86400";

    private readonly Lazy<(VapidKey? Key, string? Problem)> key = new(() => Open(keyFile!));

    public string Kind => "push";

    public string? PublicKey => NotConfigured is null ? key.Value.Key?.PublicKey : null;

    public string? Problem => NotConfigured ?? key.Value.Problem;

    private string? NotConfigured => contact is null ? "push needs --push-contact: mailto:you@example.org or an https URL, which push services ask for"
        : keyFile is null ? "push is sent by the server alone, whom browsers know by its key: give another channel here"
        : null;

    public string? Refusal(string address)
    {
        var (subscription, problem) = PushSubscription.Read(address);
        using (subscription)
        {
            return NotConfigured ?? (subscription is null ? problem : null);
        }
    }

    public async Task<SendAnswer> SendAsync(Message message, CancellationToken cancellation)
    {
        var (subscription, problem) = PushSubscription.Read(message.Address);
        using (subscription)
        {
            return Problem is not null || subscription is null ? new SendAnswer(SendOutcome.Refused, Problem ?? problem)
                : PushText.Of(message) is { } text ? await SendAsync(message, subscription, text, cancellation)
                : new SendAnswer(SendOutcome.Refused, "push cannot carry so long a link");
        }
    }

    public void Dispose()
    {
        if (key.IsValueCreated)
        {
            key.Value.Key?.Dispose();
        }
    }

    private async Task<SendAnswer> SendAsync(Message message, PushSubscription to, byte[] text, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, to.Endpoint);
        request.Content = new ByteArrayContent(PushEncryption.Encrypt(text, to.Browser, to.Auth));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Content.Headers.ContentEncoding.Add("aes128gcm");
        request.Headers.TryAddWithoutValidation("Authorization", key.Value.Key!.Authorization(to.Endpoint, contact!, time.GetUtcNow()));
        request.Headers.Add("TTL", Ttl);
        request.Headers.Add("Urgency", message.Urgent ? "high" : "normal");

        // At most 32 characters of base64url (RFC 8030, section 5.4): 24 bytes of the id's hash.
        request.Headers.Add("Topic", Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(message.Id)).AsSpan(0, 24)));

        // 404 and 410: not subscribed any more. 401 and 403: with another key (RFC 8292, section 4.2).
        var answer = await Provider.SendAsync(
            http, request, status => status is >= 400 and < 500 and not (408 or 425 or 429) ? SendOutcome.Refused : SendOutcome.Failed, cancellation);

        // Some tell the endpoint back, by which anybody could push.
        return answer with { Detail = $"{to.Endpoint.Host} {answer.Detail.Replace(to.Endpoint.AbsolutePath, "/…", StringComparison.Ordinal)}" };
    }

    // One channel less is no reason to count and guard nothing: who sends, and who asks for the key, is told.
    private static (VapidKey?, string?) Open(string path)
    {
        try
        {
            return (VapidKey.Open(path), null);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return (null, $"push has no key: {e.Message}");
        }
    }
}
