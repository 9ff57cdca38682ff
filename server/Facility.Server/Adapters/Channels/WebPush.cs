using System.Buffers.Text;
using System.Net;
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
/// <remarks>
/// The server calls whatever host a subscription names: only https, or http on loopback; redirects are not followed, and of an answer at most
/// 1 KiB is read. Endpoints are in no answer and no log.
/// </remarks>
internal sealed class WebPush : IChannel, IPushKey, IDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>How long a push service keeps it for a browser that is away, in seconds: a day. Later the dashboard tells it.</summary>
    private const string Ttl = "86400";
    private const int MostConnections = 8;
    private const int MostAnswer = 1024;

    private readonly string? contact;
    private readonly VapidKey? key;
    private readonly TimeProvider time;
    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        MaxConnectionsPerServer = MostConnections,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <param name="data">The server's data folder; the key is in <c>vapid.pem</c>, made when there is none.</param>
    /// <param name="contact">Whom push services may tell that something is wrong, <c>mailto:</c> or <c>https:</c>; null: this channel is not configured.</param>
    public WebPush(string data, string? contact, TimeProvider time)
    {
        (this.contact, this.time) = (contact, time);
        try
        {
            key = VapidKey.Open(Path.Combine(data, "vapid.pem"));
            Problem = contact is null ? "push is not configured: start the server with --push-contact mailto:you@example.org, which push services ask for" : null;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            // One channel less is no reason to count and guard nothing: who sends, and who asks for the key, is told.
            Problem = $"push has no key: {e.Message}";
        }
    }

    public string Kind => "push";

    public string? PublicKey => Problem is null ? key?.PublicKey : null;

    public string? Problem { get; }

    public string? Refusal(string address)
    {
        var (subscription, problem) = PushSubscription.Read(address);
        using (subscription)
        {
            return Problem ?? (subscription is null ? problem : null);
        }
    }

    public async Task<SendAnswer> SendAsync(Message message, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var (subscription, problem) = PushSubscription.Read(message.Address);
        using (subscription)
        {
            return Problem is not null || subscription is null ? new SendAnswer(SendOutcome.Refused, Problem ?? problem)
                : PushText.Of(message) is { } text ? await SendAsync(message, subscription, text, cancellation)
                : new SendAnswer(SendOutcome.Refused, "its link is too long for a push");
        }
    }

    public void Dispose()
    {
        http.Dispose();
        key?.Dispose();
    }

    private async Task<SendAnswer> SendAsync(Message message, PushSubscription to, byte[] text, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, to.Endpoint);
        request.Content = new ByteArrayContent(PushEncryption.Encrypt(text, to.Browser, to.Auth));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        request.Content.Headers.ContentEncoding.Add("aes128gcm");
        request.Headers.TryAddWithoutValidation("Authorization", key!.Authorization(to.Endpoint, contact!, time.GetUtcNow()));
        request.Headers.Add("TTL", Ttl);
        request.Headers.Add("Urgency", message.Urgent ? "high" : "normal");

        // At most 32 characters of base64url (RFC 8030, section 5.4): 24 bytes of the id's hash.
        request.Headers.Add("Topic", Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(message.Id)).AsSpan(0, 24)));

        using var deadline = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, deadline.Token);
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return await ReadAsync(answer, to.Endpoint, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new SendAnswer(SendOutcome.Failed, $"the push service at {to.Endpoint.Host} did not answer within {Deadline.TotalSeconds} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new SendAnswer(SendOutcome.Failed, $"the push service at {to.Endpoint.Host} cannot be reached: {e.Message}");
        }
    }

    // RFC 8030, sections 5 and 7; RFC 8292, section 4.2 for 401 and 403.
    private static async Task<SendAnswer> ReadAsync(HttpResponseMessage answer, Uri endpoint, CancellationToken cancellation)
    {
        var (status, said) = ((int)answer.StatusCode, $"the push service at {endpoint.Host} answered {(int)answer.StatusCode}");
        if (answer.IsSuccessStatusCode)
        {
            return new SendAnswer(SendOutcome.Sent, said);
        }

        await using var body = await answer.Content.ReadAsStreamAsync(cancellation);
        var bytes = new byte[MostAnswer];
        var words = Encoding.UTF8.GetString(bytes, 0, await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation));

        // Some tell the endpoint back.
        words = string.Concat(words.Replace(endpoint.AbsolutePath, "/…", StringComparison.Ordinal).Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        said += words.Length > 0 ? ": " + words : "";
        return status switch
        {
            404 or 410 => new SendAnswer(SendOutcome.Refused, said + " (this browser is not subscribed any more)"),
            401 or 403 => new SendAnswer(SendOutcome.Refused, said + " (this browser subscribed with another key, or the server's clock is wrong)"),
            (int)HttpStatusCode.RequestTimeout or (int)HttpStatusCode.TooManyRequests or >= 500 => new SendAnswer(SendOutcome.Failed, said),
            _ => new SendAnswer(SendOutcome.Refused, said),
        };
    }
}
