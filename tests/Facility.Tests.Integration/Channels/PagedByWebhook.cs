using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Facility.Server.OnCall;
using Facility.Tests.Integration.Services;
using Facility.Tests.Integration.Stories;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Channels;

/// <summary>The real programs: from an event of a device, or a server that ends, to what a person's provider gets.</summary>
public sealed class PagedByWebhook : IAsyncLifetime
{
    private const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = Here.FreePort();
    private HttpPeer _gateway = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _gateway = await HttpPeer.StartAsync(_ => Peer.Well, (_, _) => (202, ""));
        File.WriteAllText(_folder["secret"], Secret + "\n");
        File.WriteAllText(_folder["on-call.json"], $$"""
            {
              "people": [{ "id": "anna", "name": "Anna", "channels": [{ "kind": "webhook", "address": "{{_gateway.Url}}sms?to=%2B31612345678" }] }],
              "rosters": [],
              "policies": [
                { "severity": "urgent", "steps": [{ "notify": ["person:anna"], "after": 60 }] },
                { "severity": "normal", "bundle": 60, "steps": [{ "notify": ["person:anna"], "after": 60 }] }
              ]
            }
            """);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_opened_cabinet_is_told_and_only_a_signed_report_of_delivery_is_believed()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await RunningProgram.ReadyServerAsync(
            _port, "--data", _folder["data"], "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--broker", $"mqtt://{Mosquitto.Host}:{broker.Port}",
            "--on-call", _folder["on-call.json"], "--webhook-secret-file", _folder["secret"]);
        await using var device = await TestDevice.ConnectAsync(broker.Port, "ratelaar", "ratelaar-01");
        await device.SendAsync(Encoding.UTF8.GetBytes(device.Batch(1, TestDevice.Event("aed-door", "contact", "1"))), urgent: true);
        await server.UntilAsync(() => Task.FromResult(!_gateway.Requests.IsEmpty), Soon);
        var page = JsonSerializer.Deserialize<JsonElement>(_gateway.Requests.First().Body).GetProperty("data");
        var (id, incident, report) = (page.GetProperty("id").GetString()!, page.GetProperty("incident").GetString()!, new Uri(page.GetProperty("report").GetString()!));
        Assert.Equal(("anna", _port), (page.GetProperty("person").GetString(), report.Port));

        using var http = Api.Client(_port, _folder["data"]);
        async Task<string> StateAsync() => (await http.GetFromJsonAsync<JsonElement>($"http://127.0.0.1:{_port}/v1/incidents/{incident}/deliveries", Cancellation))
            .GetProperty("deliveries").EnumerateArray().Single(d => d.GetProperty("id").GetString() == id).GetProperty("state").GetString()!;
        await server.UntilAsync(async () => await StateAsync() == "sent", Soon);

        var body = JsonSerializer.SerializeToUtf8Bytes(new { id, detail = "handset\r\n22:41" });
        var now = DateTimeOffset.UtcNow;
        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(http, report, body, now, new WebhookSignature(Convert.ToBase64String(new byte[32]))));
        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(http, report, body, now.AddMinutes(-6), new WebhookSignature(Secret)));
        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(http, report, body, now, null));
        Assert.Equal(HttpStatusCode.BadRequest, await ReportAsync(http, new Uri(report, "/v1/deliveries/other/report"), body, now, new WebhookSignature(Secret)));
        Assert.Equal(HttpStatusCode.BadRequest, await ReportAsync(http, report, "no json"u8.ToArray(), now, new WebhookSignature(Secret)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await ReportAsync(http, report, new byte[5000], now, new WebhookSignature(Secret)));
        Assert.Equal(HttpStatusCode.NotFound, await ReportAsync(
            http, new Uri(report, "/v1/deliveries/other/report"), JsonSerializer.SerializeToUtf8Bytes(new { id = "other" }), now, new WebhookSignature(Secret)));
        Assert.Equal("sent", await StateAsync());

        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(http, report, body, now, new WebhookSignature(Secret)));
        Assert.Equal("delivered", await StateAsync());
        Assert.Equal(HttpStatusCode.NoContent, await ReportAsync(http, report, body, now, new WebhookSignature(Secret)));
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task A_watch_pages_while_no_server_calls_and_says_when_one_does()
    {
        var watched = Here.FreePort();
        await using var watch = RunningProgram.Server(
            "watch", "--listen", $"http://127.0.0.1:{watched}", "--file", _folder["on-call.json"], "--after", "0.1", "--notify", "person:anna", "--webhook-secret-file", _folder["secret"]);
        await watch.UntilAsync(() => Task.FromResult(_gateway.Requests.Count == 1), Soon);
        Assert.Equal("Facility zwijgt: alarmen komen niet meer door", Title(0));

        await using var server = await RunningProgram.ReadyServerAsync(
            _port, "--data", _folder["data"], "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{Here.FreePort()}",
            "--on-call", _folder["on-call.json"], "--webhook-secret-file", _folder["secret"], "--watch-url", $"http://127.0.0.1:{watched}/alive");
        await watch.UntilAsync(() => Task.FromResult(_gateway.Requests.Count >= 2), Soon);
        Assert.Equal("Facility is terug", Title(1));
        Assert.Equal(0, await server.StopAsync());
        await watch.UntilAsync(() => Task.FromResult(_gateway.Requests.Count >= 3), Soon);
        Assert.Equal("Facility zwijgt: alarmen komen niet meer door", Title(2));
        Assert.Equal(0, await watch.StopAsync());

        string Title(int index) => JsonSerializer.Deserialize<JsonElement>(_gateway.Requests.ElementAt(index).Body).GetProperty("data").GetProperty("title").GetString()!;
    }

    [Theory]
    [InlineData("--notify person:eve", "--notify person:eve is not in the on-call file; there are everybody, person:anna")]
    [InlineData("--notify everybody --after 0", "--after 0 is not allowed: give 0.1 to 1440 minutes")]
    [InlineData("--notify everybody --after NaN", "--after NaN is not allowed")]
    [InlineData("--notify everybody --listen https://localhost:1", "--listen https://localhost:1 is not allowed")]
    [InlineData("--notify everybody --smtp smtp://mail.example.org", "--mail-from is missing")]
    [InlineData("--notify everybody --smtp http://mail.example.org", "--smtp is not allowed")]
    [InlineData("", "--notify")]
    public async Task A_watch_that_cannot_be_says_why(string arguments, string said)
    {
        await using var watch = RunningProgram.Server(
            ["watch", "--file", _folder["on-call.json"], "--webhook-secret-file", _folder["secret"], .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal(2, await watch.ExitAsync(Soon));
        Assert.Contains(said, watch.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", watch.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_that_was_not_set_up_is_refused_when_the_file_is_checked()
    {
        await using var check = RunningProgram.Server("on-call", "check", _folder["on-call.json"]);
        Assert.Equal(2, await check.ExitAsync(Soon));
        Assert.Contains("people.anna.channels: webhook needs --webhook-secret-file", check.Output, StringComparison.Ordinal);
        await using var again = RunningProgram.Server("on-call", "check", _folder["on-call.json"], "--webhook-secret-file", _folder["secret"]);
        Assert.Equal(0, await again.ExitAsync(Soon));
        await using var seeds = RunningProgram.Server("on-call", "check", Path.Combine(RunningProgram.Root, "seeds/on-call.json"));
        Assert.Equal(0, await seeds.ExitAsync(Soon));
    }

    private static async Task<HttpStatusCode> ReportAsync(HttpClient http, Uri url, byte[] body, DateTimeOffset at, WebhookSignature? signature)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } } };
        if (signature is not null)
        {
            request.Headers.Add("webhook-id", "msg-of-the-gateway");
            request.Headers.Add("webhook-timestamp", WebhookSignature.Seconds(at));
            request.Headers.Add("webhook-signature", signature.Sign("msg-of-the-gateway", at, body));
        }

        using var answer = await http.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }
}
