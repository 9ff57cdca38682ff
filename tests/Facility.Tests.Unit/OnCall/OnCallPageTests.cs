using System.Net;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Alerts;
using Facility.Domain.Incidents;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Adapters;
using Facility.Server.Api;
using Facility.Server.OnCall;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.OnCall;

/// <summary>The page behind a message, and who is on call, over HTTP.</summary>
public sealed class OnCallPageTests : IAsyncLifetime
{
    private static readonly Site Place = new("ratelaar", "Zuid <b>&", "Europe/Amsterdam", 250, [new Zone("hall", "Hal", 100)], [], [new Sensor("help", "d1", "button", "hall")]);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facility-page");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 24, 21, 40, 0, TimeSpan.Zero));
    private SqliteIncidentStore _incidents = null!;
    private SqliteOnCallStore _store = null!;
    private IncidentDesk _desk = null!;
    private Links _links = null!;
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _incidents = new SqliteIncidentStore(Path.Combine(_folder.FullName, "incidents.db"));
        _store = new SqliteOnCallStore(Path.Combine(_folder.FullName, "on-call.db"));
        _desk = new IncidentDesk(_incidents, new OccupancyBoard());
        _links = new Links(_store, new Uri("http://localhost"));
        var file = Path.Combine(_folder.FullName, "on-call.json");
        await File.WriteAllTextAsync(file, """
            {"drill":"monday 10:00","people":[{"id":"anna","name":"Anna","channels":[{"kind":"any","address":"a"}]},{"id":"bram","name":"Bram","language":"en","channels":[{"kind":"any","address":"b"}]}],
             "rosters":[{"id":"piket","name":"Piket","rotations":[{"from":"2026-11-23","people":["anna","bram"]}]}],
             "policies":[{"severity":"urgent","steps":[{"notify":["roster:piket"]},{"notify":["everybody"],"after":7}]},{"severity":"normal","steps":[{"notify":["person:bram"]}]}]}
            """.Replace("\"any\"", "\"ntfy\"", StringComparison.Ordinal));
        var rules = new OnCallRules(new OnCallFile([new Any()]), file, _time, NullLogger<OnCallRules>.Instance);
        rules.Start();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(_time).AddSingleton<ISitesDirectory>(new Places()).AddSingleton<IIncidentStore>(_incidents).AddSingleton<IOnCallStore>(_store)
            .AddSingleton<IRosterCalendar, IcalRoster>().AddSingleton(_desk).AddSingleton(_links).AddSingleton(rules).AddSingleton<AcknowledgePage.Parts>();
        _app = builder.Build();
        _app.MapAcknowledgePage();
        _app.MapGroup("/v1").MapOnCall();
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        _store.Dispose();
        _incidents.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Looking_at_the_page_acknowledges_nothing_and_its_button_does_as_the_person_it_was_sent_to()
    {
        var incident = Press();
        var page = await GetAsync(Link("anna", incident));
        Assert.Contains("<button>Ik heb het</button>", page.Text, StringComparison.Ordinal);
        Assert.Contains("Hulpknop: Zuid &lt;b&gt;&amp;, Hal", page.Text, StringComparison.Ordinal);
        Assert.Contains("dinsdag 24 november 22:40", page.Text, StringComparison.Ordinal);
        Assert.Equal("open", _incidents.Find(incident)!.State);
        Assert.True(page.Text.Length < 30 * 1024, $"{page.Text.Length} characters");
        Assert.DoesNotContain("<script", page.Text, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("no-store", page.Answer.Headers.CacheControl!.ToString());
        Assert.Contains("default-src 'none'", page.Answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);

        var bram = Link("bram", incident);
        Assert.Contains("U heeft het.", await PostAsync(Link("anna", incident)), StringComparison.Ordinal);
        Assert.Equal(("acknowledged", "Anna"), (_incidents.Find(incident)!.State, _incidents.Find(incident)!.AcknowledgedBy));

        // The second one hears who was first.
        Assert.Contains("Anna has it, since Tuesday 24 November 22:40.", await PostAsync(bram), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_expires_and_an_invented_one_is_none()
    {
        var link = Link("anna", Press());
        _time.Advance(TimeSpan.FromHours(24));
        foreach (var wrong in new[] { link, new string('0', 32), "x", "../v1/sites" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await GetAsync(wrong)).Answer.StatusCode);
        }

        Assert.Equal("open", _desk.Now.Unresolved.Single().State);
    }

    [Fact]
    public async Task A_resolved_incident_has_no_button()
    {
        var incident = Press();
        _desk.Act(incident, (i, stands) => IncidentLife.Resolve(i, new IncidentAct(), "Bram", stands, _time.GetUtcNow()));
        var page = await GetAsync(Link("anna", incident));
        Assert.Contains("afgesloten", page.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<button", page.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_drill_is_confirmed_by_its_button_and_shown_with_who_is_on_call()
    {
        const string Drill = "drill:2026-11-23";
        Assert.Contains("<button>You can reach me</button>", (await GetAsync(Link("bram", Drill))).Text, StringComparison.Ordinal);
        Assert.Contains("Thank you", await PostAsync(Link("bram", Drill)), StringComparison.Ordinal);
        var json = await _http.GetStringAsync(new Uri("/v1/on-call?site=ratelaar", UriKind.Relative));
        Assert.Contains("""{"step":1,"after":5,"people":[{"id":"anna","name":"Anna","until":"2026-11-30T08:00:00+00:00","confirmed":false}]}""", json, StringComparison.Ordinal);
        Assert.Contains("""{"id":"bram","name":"Bram","until":null,"confirmed":true}""", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?severity=high", 400, "urgent")]
    [InlineData("?site=atlantis", 400, "ratelaar")]
    [InlineData("?at=tomorrow", 400, "at")]
    [InlineData("?who=anna", 400, "severity")]
    [InlineData("?severity=normal&at=2027-01-01T00:00:00Z", 200, "Bram")]
    [InlineData("/rosters/piket", 200, "SUMMARY:Anna")]
    [InlineData("/rosters/nobody", 404, "piket")]
    [InlineData("/rosters/piket?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", 400, "before")]
    public async Task Who_is_on_call_answers_clearly(string query, int status, string says)
    {
        using var answer = await _http.GetAsync(new Uri("/v1/on-call" + query, UriKind.Relative));
        Assert.Equal((status, true), ((int)answer.StatusCode, (await answer.Content.ReadAsStringAsync()).Contains(says, StringComparison.Ordinal)));
    }

    private string Press()
    {
        var now = _time.GetUtcNow();
        _desk.Take([new JournalEntry(1, now, "ratelaar", "d1", new EventsJournaled(Guid.Empty, [new JournaledEvent(1, now, true, "help", "button", 1, SetAside.None)]))], _ => new SitePlan(Place));
        return _desk.Now.Unresolved.Single(i => i.Rule == AlertRule.Assistance).Id;
    }

    private string Link(string person, string subject) => _links.Make(person, [subject], _time.GetUtcNow()).Segments[^1];

    private async Task<(HttpResponseMessage Answer, string Text)> GetAsync(string token)
    {
        var answer = await _http.GetAsync(new Uri("/a/" + token, UriKind.Relative));
        return (answer, await answer.Content.ReadAsStringAsync());
    }

    private async Task<string> PostAsync(string token)
    {
        using var form = new FormUrlEncodedContent([]);
        using var answer = await _http.PostAsync(new Uri("/a/" + token, UriKind.Relative), form);
        return await answer.Content.ReadAsStringAsync();
    }

    private sealed class Places : ISitesDirectory
    {
        public SitesDocument Current { get; } = new([Place]);
    }

    private sealed class Any : IChannel
    {
        public string Kind => "ntfy";

        public string? Refusal(string address) => null;

        public Task<SendAnswer> SendAsync(Domain.OnCall.Message message, CancellationToken cancellation) => Task.FromResult(new SendAnswer(SendOutcome.Sent, ""));
    }
}
