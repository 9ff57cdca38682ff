using System.Globalization;
using System.Text.Json;
using Facility.Server.Adapters.Channels;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Integration.Channels;

/// <summary>Web push to a push service and a browser in Node: it decrypts with <c>http_ece</c> and judges tokens with Node's own crypto.</summary>
public sealed class WebPushTests : ChannelContract
{
    private const string Secret = "secret-endpoint";
    private readonly FakeTimeProvider time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly HttpClient http = Provider.Client();
    private readonly TemporaryFolder folder = new();
    private ChildProcess? service;
    private WebPush push = null!;
    private Uri url = null!;
    private JsonElement keys;

    public override IReadOnlyList<string> BadAddresses =>
    [
        "", "anna@example.org", "null", "[]", "{", "{}", "\"x\"", new string('x', 10_000),
        "{\"endpoint\":\"\ud800\"}", "{\"endpoint\":\"\\ud800\",\"keys\":{}}",
        $"{{\"endpoint\":\"https://push.example/{Secret}\"}}",
        $"{{\"endpoint\":\"https://push.example/{Secret}\",\"keys\":[]}}",
        $"{{\"endpoint\":\"https://push.example/{Secret}\",\"endpoint\":\"https://b.example/\",\"keys\":{{\"p256dh\":\"a\",\"auth\":\"b\"}}}}",
        .. ((string[])["push.example/", "http://push.example/", "http://localhost.push.example/", "http://169.254.169.254/", "http://[::ffff:10.0.0.1]/", "file:///",
            "https://anna:pass@push.example/", "https://push.example/a#"]).Select(e => Subscription(e + Secret)),
        Subscription($"https://push.example/{Secret}", p256dh: "AAAA"),
        Subscription($"https://push.example/{Secret}", p256dh: "B" + new string('A', 86)),
        Subscription($"https://push.example/{Secret}", p256dh: "not base64url!"),
        Subscription($"https://push.example/{Secret}", auth: "AAAA"),
    ];

    protected override int Whole => 1200;

    public override async ValueTask InitializeAsync()
    {
        var node = Service.Require("node", "nodejs");
        var modules = Path.Combine(RunningProgram.Root, "artifacts", "node", "node_modules");
        Assert.SkipUnless(Directory.Exists(Path.Combine(modules, "http_ece")), "http_ece is not installed (deploy/install-test-services does, with npm): this test decrypts with it.");
        var started = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        service = new ChildProcess(
            new(node, [Path.Combine(RunningProgram.Root, "tests/Facility.Tests.Integration/Channels/push-service.cjs"), time.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)])
            {
                Environment = { ["NODE_PATH"] = modules },
            },
            onLine: line => started.TrySetResult(line));
        var first = await started.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.True(first.StartsWith('{'), first);
        var told = JsonElement.Parse(first);
        (url, keys) = (new Uri($"http://127.0.0.1:{told.GetProperty("port").GetInt32()}"), told.GetProperty("keys"));
        push = new WebPush(folder["vapid.pem"], "mailto:piket@example.org", http, time);
    }

    public override async ValueTask DisposeAsync()
    {
        push?.Dispose();
        if (service is not null)
        {
            await service.DisposeAsync();
        }

        http.Dispose();
        folder.Dispose();
    }

    internal override (IChannel Channel, string Address) At(Peer peer) => (push, Subscription(peer switch
    {
        Peer.Well => $"{url}ok/{Secret}",
        Peer.Busy => $"{url}503/{Secret}",
        Peer.Gone => $"{url}410/{Secret}",
        Peer.Hangs => $"{url}hang/{Secret}",
        Peer.Drops => $"{url}drop/{Secret}",
        _ => $"http://127.0.0.1:{Here.FreePort()}/{Secret}",
    }));

    internal override Taken? Arrived(string id) => Shown().Where(s => s.GetProperty("id").GetString() == id)
        .Select(s => new Taken(s.GetProperty("title").GetString()!, s.GetProperty("text").GetString()!, s.GetProperty("link").GetString(), s.GetProperty("urgency").GetString() == "high"))
        .SingleOrDefault();

    [Fact]
    public async Task The_same_delivery_again_is_one_message_that_is_kept_a_day_and_another_is_another()
    {
        var message = Message(At(Peer.Well).Address);
        await push.SendAsync(message, Cancellation);
        await push.SendAsync(message, Cancellation);
        await push.SendAsync(message with { Id = "another" }, Cancellation);
        Assert.Equal([86400, 86400], Shown().Select(s => s.GetProperty("ttl").GetInt32()));
    }

    [Theory]
    [InlineData(400, SendOutcome.Refused)]
    [InlineData(401, SendOutcome.Refused)]
    [InlineData(403, SendOutcome.Refused)]
    [InlineData(404, SendOutcome.Refused)]
    [InlineData(410, SendOutcome.Refused)]
    [InlineData(413, SendOutcome.Refused)]
    [InlineData(429, SendOutcome.Failed)]
    [InlineData(500, SendOutcome.Failed)]
    [InlineData(307, SendOutcome.Failed)]
    public async Task Each_status_has_its_outcome_a_redirect_is_not_followed_and_the_endpoint_is_not_told(int status, SendOutcome outcome)
    {
        var answer = await push.SendAsync(Message(Subscription($"{url}{status}/{Secret}")), Cancellation);
        Assert.Equal(outcome, answer.Outcome);
        Assert.StartsWith($"127.0.0.1 {status} no: /…", answer.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, answer.Detail, StringComparison.Ordinal);
        Assert.Empty(Shown());
    }

    [Fact]
    public void A_bad_address_is_not_told_back() => Assert.All(BadAddresses, a => Assert.DoesNotContain(Secret, push.Refusal(a)!, StringComparison.Ordinal));

    [Fact]
    public async Task A_link_that_is_too_long_is_said()
    {
        var answer = await push.SendAsync(Message(At(Peer.Well).Address, link: new Uri("https://facility.example/" + new string('x', 5000))), Cancellation);
        Assert.Equal(new SendAnswer(SendOutcome.Refused, "push cannot carry so long a link"), answer);
    }

    private string Subscription(string endpoint, string? p256dh = null, string? auth = null) => JsonSerializer.Serialize(new
    {
        endpoint,
        expirationTime = (long?)null,
        keys = new { p256dh = p256dh ?? keys.GetProperty("p256dh").GetString(), auth = auth ?? keys.GetProperty("auth").GetString() },
    });

    private IEnumerable<JsonElement> Shown()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(url, "shown"));
        using var answer = http.Send(request, Cancellation);
        using var body = answer.Content.ReadAsStream(Cancellation);
        return JsonSerializer.Deserialize<JsonElement[]>(body)!;
    }
}
