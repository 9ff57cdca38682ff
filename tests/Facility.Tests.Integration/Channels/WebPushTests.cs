using System.Globalization;
using System.Text.Json;
using Facility.Server.Adapters.Channels;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Channels;

/// <summary>Web push to a push service and a browser in Node: it decrypts with <c>http_ece</c> and judges tokens with Node's own crypto.</summary>
public sealed class WebPushTests : ChannelContract
{
    private const string Contact = "mailto:piket@example.org";
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly TemporaryFolder folder = new();
    private readonly int unused = Here.FreePort();
    private ChildProcess? service;
    private WebPush? push;
    private Uri url = null!;
    private JsonElement keys;

    private protected override IEnumerable<string> Secrets => ["secret-endpoint", keys.GetProperty("auth").GetString()!];

    private protected override IReadOnlyList<string> BadAddresses =>
    [
        "", "anna@example.org", "null", "[]", "{", "{}", "\"x\"", new string('x', 10_000),
        "{\"endpoint\":\"\ud800\"}", "{\"endpoint\":\"\\ud800\",\"keys\":{}}",
        Subscription("https://push.example/secret-endpoint", "", "x"),
        "{\"endpoint\":\"https://push.example/secret-endpoint\"}",
        "{\"endpoint\":\"https://push.example/secret-endpoint\",\"keys\":[]}",
        "{\"endpoint\":\"https://push.example/secret-endpoint\",\"endpoint\":\"https://b.example/\",\"keys\":{\"p256dh\":\"a\",\"auth\":\"b\"}}",
        Subscription("push.example/secret-endpoint"),
        Subscription("http://push.example/secret-endpoint"),
        Subscription("http://localhost.push.example/secret-endpoint"),
        Subscription("http://169.254.169.254/secret-endpoint"),
        Subscription("http://[::ffff:10.0.0.1]/secret-endpoint"),
        Subscription("file:///secret-endpoint"),
        Subscription("https://anna:secret-endpoint@push.example/"),
        Subscription("https://push.example/a#secret-endpoint"),
        Subscription("https://push.example/secret-endpoint", p256dh: "AAAA"),
        Subscription("https://push.example/secret-endpoint", p256dh: "B" + new string('A', 86)),
        Subscription("https://push.example/secret-endpoint", p256dh: "not base64url!"),
        Subscription("https://push.example/secret-endpoint", auth: "AAAA"),
    ];

    private protected override async Task<IChannel> OpenAsync()
    {
        var node = Service.Require("node");
        var modules = Path.Combine(RunningProgram.Root, "artifacts", "node", "node_modules");
        Assert.SkipUnless(Directory.Exists(Path.Combine(modules, "http_ece")), "http_ece is not installed (deploy/install-test-services does, with npm): this test decrypts with it.");
        var started = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        service = new ChildProcess(
            new(node, [Path.Combine(RunningProgram.Root, "tests/Facility.Tests.Integration/Channels/push-service.cjs"), Noon.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)])
            {
                Environment = { ["NODE_PATH"] = modules },
            },
            onLine: line => started.TrySetResult(line));
        var first = await started.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
        Assert.True(first.StartsWith('{'), first);
        var told = JsonElement.Parse(first);
        (url, keys) = (new Uri($"http://127.0.0.1:{told.GetProperty("port").GetInt32()}"), told.GetProperty("keys"));
        return push = new WebPush(folder.Path, Contact, Time);
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

    private protected override string Address(Provider provider) => Subscription(provider switch
    {
        Provider.Works => $"{url}ok/secret-endpoint",
        Provider.CannotNow => $"{url}503/secret-endpoint",
        Provider.KnowsNoSuchPerson => $"{url}410/secret-endpoint",
        Provider.Hangs => $"{url}hang/secret-endpoint",
        Provider.HangsHalfWay => $"{url}half/secret-endpoint",
        Provider.DropsTheLine => $"{url}drop/secret-endpoint",
        _ => $"http://127.0.0.1:{unused}/secret-endpoint",
    });

    private protected override async Task<IReadOnlyList<Shown>> ShownAsync() =>
        [.. (await AskAsync("shown")).EnumerateArray().Select(s => new Shown(s.GetProperty("title").GetString()!, s.GetProperty("text").GetString()!, s.GetProperty("link").GetString()))];

    private protected override async Task<int> HangingAsync() => (await AskAsync("hanging")).GetInt32();

    [Theory]
    [InlineData(true, "high")]
    [InlineData(false, "normal")]
    public async Task An_urgent_one_is_of_high_urgency_and_kept_a_day_for_a_browser_that_is_away(bool urgent, string urgency)
    {
        await Channel.SendAsync(Message(Address(Provider.Works), "d-1") with { Urgent = urgent }, Cancellation);
        var shown = Assert.Single((await AskAsync("shown")).EnumerateArray());
        Assert.Equal((urgency, 86400, urgent, "nl", "d-1"), (shown.GetProperty("urgency").GetString(), shown.GetProperty("ttl").GetInt32(),
            shown.GetProperty("urgent").GetBoolean(), shown.GetProperty("language").GetString(), shown.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData(400, SendOutcome.Refused)]
    [InlineData(401, SendOutcome.Refused)]
    [InlineData(403, SendOutcome.Refused)]
    [InlineData(404, SendOutcome.Refused)]
    [InlineData(413, SendOutcome.Refused)]
    [InlineData(429, SendOutcome.Failed)]
    [InlineData(500, SendOutcome.Failed)]
    [InlineData(307, SendOutcome.Refused)]
    public async Task Each_status_has_its_outcome_and_a_redirect_is_not_followed(int status, SendOutcome outcome)
    {
        var answer = await Channel.SendAsync(Message(Subscription($"{url}{status}/secret-endpoint"), "d-1"), Cancellation);
        Assert.Equal(outcome, answer.Outcome);
        Assert.Contains($"answered {status}", answer.Detail, StringComparison.Ordinal);
        Assert.Empty(await ShownAsync());
    }

    [Fact]
    public async Task A_link_that_is_too_long_is_said()
    {
        var answer = await Channel.SendAsync(Message(Address(Provider.Works), "d-1") with { Link = new Uri("https://facility.example/" + new string('x', 5000)) }, Cancellation);
        Assert.Equal(new SendAnswer(SendOutcome.Refused, "its link is too long for a push"), answer);
    }

    private string Subscription(string endpoint, string? p256dh = null, string? auth = null) => JsonSerializer.Serialize(new
    {
        endpoint,
        expirationTime = (long?)null,
        keys = new { p256dh = p256dh ?? keys.GetProperty("p256dh").GetString(), auth = auth ?? keys.GetProperty("auth").GetString() },
    });

    private async Task<JsonElement> AskAsync(string path) => JsonElement.Parse(await http.GetStringAsync(new Uri(url, path), Cancellation));
}
