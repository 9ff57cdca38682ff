using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Facility.Server.Adapters.Channels;
using Facility.Server.OnCall;
using Facility.Server.Ports;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Channels;

/// <summary>The webhook at a receiver that checks the signature by itself.</summary>
public sealed class WebhookChannelTests : ChannelContract
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private readonly HttpClient _http = Provider.Client();
    private HttpPeer _peer = null!;

    public override IReadOnlyList<string> BadAddresses =>
    [
        "", "anna", "http://sms.example.org/send", "https://", "https://user:secret@sms.example.org/", "https://sms.example.org/#a", "https://sms.example.org/a b", "file:///etc/passwd",
        "https://sms.example.org/\r\nX: y", "//sms.example.org/",
    ];

    public override async ValueTask InitializeAsync() => _peer = await HttpPeer.StartAsync(
        request => Enum.Parse<Peer>(request.Path[1..], ignoreCase: true),
        (request, peer) => peer switch
        {
            Peer.Busy => (503, new string('x', 100_000)),
            Peer.Gone => (410, "no more"),
            _ => Signed(request) ? (202, "") : (401, "who are you?"),
        });

    public override async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        _http.Dispose();
    }

    internal override (IChannel Channel, string Address) At(Peer peer) => (
        new WebhookChannel(new WebhookSignature(Secret), new Uri("https://facility.example.org"), _http, TimeProvider.System),
        peer is Peer.Away ? $"http://127.0.0.1:{Here.FreePort()}/away" : new Uri(_peer.Url, $"/{peer.ToString().ToLowerInvariant()}?to=%2B31612345678").AbsoluteUri);

    internal override Taken? Arrived(string id)
    {
        if (_peer.Requests.FirstOrDefault(r => r.Headers["webhook-id"] == id) is not { } request)
        {
            return null;
        }

        var data = JsonSerializer.Deserialize<JsonElement>(request.Body).GetProperty("data");
        Assert.Equal((id, "anna", "incident-1"), (Of("id"), Of("person"), Of("incident")));
        Assert.Equal($"https://facility.example.org/v1/deliveries/{id}/report", Of("report"));
        return new Taken(Of("title")!, Of("text")!, Of("link"), data.GetProperty("urgent").GetBoolean());

        string? Of(string name) => data.GetProperty(name).GetString();
    }

    [Fact]
    public void Without_a_secret_an_address_is_refused_and_it_says_what_to_give() =>
        Assert.Contains("--webhook-secret-file", new WebhookChannel(null, null, _http, TimeProvider.System).Refusal("https://sms.example.org/"), StringComparison.Ordinal);

    private static bool Signed(HttpPeer.Request request)
    {
        var signed = $"{request.Headers["webhook-id"]}.{request.Headers["webhook-timestamp"]}.{Encoding.UTF8.GetString(request.Body)}";
        var expected = HMACSHA256.HashData(Convert.FromBase64String(Secret[6..]), Encoding.UTF8.GetBytes(signed));
        return request.Headers["webhook-signature"] == "v1," + Convert.ToBase64String(expected);
    }
}
