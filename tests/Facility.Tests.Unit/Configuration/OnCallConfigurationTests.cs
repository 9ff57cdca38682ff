using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Facility.Contracts;
using Facility.Domain.OnCall;
using Facility.Server.Adapters;
using Facility.Server.Api;
using Facility.Server.OnCall;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Configuration;

/// <summary>The on-call file over HTTP: revisions, swaps, turns taken over, and channels that are tried.</summary>
public sealed class OnCallConfigurationTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facility-on-call");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
    private readonly Any _channel = new();
    private SqliteOnCallStore _store = null!;
    private SqliteOnCallRevisions _revisions = null!;
    private OnCallRules _rules = null!;
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    private string File => Path.Combine(_folder.FullName, "on-call.json");

    public async ValueTask InitializeAsync()
    {
        await System.IO.File.WriteAllTextAsync(File, """
            {"people":[{"id":"anna","name":"Anna","channels":[{"kind":"ntfy","address":"a"}]},{"id":"bram","name":"Bram","language":"en","account":"unknown","channels":[{"kind":"ntfy","address":"b"}]}],
             "rosters":[{"id":"piket","name":"Piket","rotations":[{"from":"2026-11-23","people":["anna","bram"]}]}],
             "policies":[{"severity":"urgent","steps":[{"notify":["roster:piket"]}]},{"severity":"normal","steps":[{"notify":["person:bram"]}]}]}
            """);
        _store = new SqliteOnCallStore(Path.Combine(_folder.FullName, "on-call.db"));
        _revisions = new SqliteOnCallRevisions(Path.Combine(_folder.FullName, "on-call.db"));
        var file = new OnCallFile([_channel]);
        _rules = new OnCallRules(file, File, _time, NullLogger<OnCallRules>.Instance, _revisions);
        _rules.Start();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(_time).AddSingleton<IOnCallStore>(_store).AddSingleton<IOnCallRevisions>(_revisions).AddSingleton(_rules)
            .AddSingleton(file).AddSingleton<IChannel>(_channel).AddSingleton<OnCallConfiguration>().AddSingleton<ChannelTests>();
        builder.Services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            o.SerializerOptions.Converters.Add(new Rfc3339Converter());
        });
        _app = builder.Build();
        var v1 = _app.MapGroup("/v1");
        v1.MapOnCallConfiguration();
        v1.MapChannels();
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        _revisions.Dispose();
        _store.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Two_people_swap_their_turns_and_that_is_a_revision_which_can_be_undone()
    {
        Assert.Equal(["anna", "bram"], Turns());
        using var swapped = await _http.PostAsJsonAsync("/v1/on-call/swaps", new
        {
            roster = "piket",
            first = new { person = "anna", at = "2026-11-25T12:00:00Z" },
            second = new { person = "bram", at = "2026-12-01T12:00:00Z" },
        });
        Assert.Equal(HttpStatusCode.OK, swapped.StatusCode);
        Assert.Equal(["bram", "anna"], Turns());
        Assert.Equal("bram", Duty(_time.GetUtcNow().AddMinutes(1)));

        var first = (await _http.GetFromJsonAsync("/v1/on-call/roster-file/revisions/1", ApiJson.Default.ConfigurationState))!;
        using var undone = await _http.PutAsJsonAsync("/v1/on-call/roster-file", new { basedOn = 2, note = "Toch niet", document = first.Document });
        Assert.Equal(HttpStatusCode.OK, undone.StatusCode);
        Assert.Equal(["anna", "bram"], Turns());
        var list = (await _http.GetFromJsonAsync("/v1/on-call/roster-file/revisions", ApiJson.Default.RevisionList))!.Revisions;
        Assert.Equal([(3L, "Toch niet"), (2, "anna en bram ruilen"), (1, "")], list.Select(r => (r.Revision, r.Note)));
    }

    [Theory]
    [InlineData("piket", "bram", "anna", "bram is not on call")]
    [InlineData("piket", "anna", "anna", "nothing to swap")]
    [InlineData("night", "anna", "bram", "roster night is not one of piket")]
    public async Task A_swap_of_turns_that_are_not_theirs_is_refused(string roster, string first, string second, string says)
    {
        using var answer = await _http.PostAsJsonAsync("/v1/on-call/swaps", new
        {
            roster,
            first = new { person = first, at = "2026-11-25T12:00:00Z" },
            second = new { person = second, at = "2026-12-01T12:00:00Z" },
        });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(says, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(["anna", "bram"], Turns());
    }

    [Theory]
    [InlineData("POST", "/v1/on-call/swaps", """{"roster":"piket","second":{"person":"bram","at":"2026-12-01T12:00:00Z"}}""")]
    [InlineData("POST", "/v1/on-call/swaps", """{"roster":"piket","first":null,"second":null}""")]
    [InlineData("POST", "/v1/on-call/overrides", "{}")]
    [InlineData("PUT", "/v1/on-call/roster-file", """{"basedOn":1}""")]
    [InlineData("PUT", "/v1/channels", """{"person":"anna"}""")]
    public async Task A_body_that_lacks_what_it_is_about_is_refused(string method, string path, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        using var answer = await _http.SendAsync(request);
        Assert.InRange((int)answer.StatusCode, 400, 404);
        Assert.Equal(["anna", "bram"], Turns());
        Assert.Single(_revisions.Revisions());
    }

    [Fact]
    public async Task One_person_takes_over_some_hours()
    {
        using var taken = await _http.PostAsJsonAsync("/v1/on-call/overrides", new { roster = "piket", person = "bram", from = "2026-11-24T17:00:00Z", until = "2026-11-25T08:00:00Z" });
        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Equal(["anna", "bram", "anna"], new[] { "2026-11-24T16:59:00Z", "2026-11-24T17:00:00Z", "2026-11-25T08:00:00Z" }.Select(at => Duty(DateTimeOffset.Parse(at, null))));

        // A server that starts again reads the same file, and makes no revision of it.
        var again = new OnCallRules(new OnCallFile([_channel]), File, _time, NullLogger<OnCallRules>.Instance, _revisions);
        again.Start();
        Assert.Equal(2, _revisions.Revisions().Count);
    }

    [Fact]
    public async Task A_draft_with_a_mistake_says_where_and_what_is_allowed()
    {
        var ruling = (await _http.GetFromJsonAsync("/v1/on-call/roster-file", ApiJson.Default.ConfigurationState))!;
        var draft = JsonNode.Parse(ruling.Document.GetRawText())!;
        draft["rosters"]![0]!["rotations"]![0]!["people"]![0] = "zoe";
        using var answer = await _http.PostAsJsonAsync("/v1/on-call/roster-file/check", new { document = draft });
        var check = (await answer.Content.ReadFromJsonAsync(ApiJson.Default.ConfigurationCheck))!;
        Assert.Equal("rosters.piket.people", Assert.Single(check.Problems).Path);
        draft["rosters"]![0]!["rotations"]![0]!["people"]![0] = "bram";
        using var right = await _http.PostAsJsonAsync("/v1/on-call/roster-file/check", new { document = draft });
        check = (await right.Content.ReadFromJsonAsync(ApiJson.Default.ConfigurationCheck))!;
        Assert.Equal("rosters.piket.rotations.2026-11-23.people was anna, bram and becomes bram, bram", Assert.Single(check.Changes).Text);
    }

    [Fact]
    public async Task Somebody_looks_at_changes_and_tries_their_own_channels()
    {
        var own = (await _http.GetFromJsonAsync("/v1/channels", ApiJson.Default.OwnChannels))!;
        Assert.Equal(("bram", "b"), (own.Person, own.Channels[0].Address));
        using var wrong = await _http.PutAsJsonAsync("/v1/channels", new { channels = new[] { new { kind = "ntfy", address = "" } } });
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var changed = await _http.PutAsJsonAsync("/v1/channels", new { channels = new[] { new { kind = "ntfy", address = "c" } } });
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);

        using var tried = await _http.PostAsJsonAsync("/v1/channels/test", new { kind = "ntfy" });
        Assert.Equal("sent", (await tried.Content.ReadFromJsonAsync(ApiJson.Default.ChannelTestAnswer))!.Outcome);
        Assert.Equal(("c", "Test of the neighbourhood centres"), (_channel.Sent.Single().Address, _channel.Sent.Single().Title));
        using var again = await _http.PostAsJsonAsync("/v1/channels/test", new { kind = "ntfy" });
        Assert.Equal(HttpStatusCode.TooManyRequests, again.StatusCode);
    }

    private string[] Turns() =>
        [.. new Escalation(_rules.Current!.Document).RosterOf("piket")!.Between(_time.GetUtcNow().AddMinutes(1), _time.GetUtcNow().AddDays(12)).Select(d => d.Person ?? "-")];

    private string? Duty(DateTimeOffset at) => _rules.Current!.RosterOf("piket")!.At(at).Person;

    private sealed class Any : IChannel
    {
        public List<Message> Sent { get; } = [];

        public string Kind => "ntfy";

        public string? Refusal(string address) => address.Length == 0 ? "is empty" : null;

        public Task<SendAnswer> SendAsync(Message message, CancellationToken cancellation)
        {
            Sent.Add(message);
            return Task.FromResult(new SendAnswer(SendOutcome.Sent, "ok"));
        }
    }
}
