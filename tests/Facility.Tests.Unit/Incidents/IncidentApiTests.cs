using System.Net;
using System.Net.Http.Json;
using Facility.Contracts;
using Facility.Contracts.Live;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Adapters;
using Facility.Server.Api;
using Facility.Server.Api.Access;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Facility.Tests.Unit.Access;
using Facility.Tests.Unit.Places;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Incidents;

/// <summary>Incidents over real sockets: REST and the hub.</summary>
public sealed class IncidentApiTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Ten = new(2026, 11, 24, 10, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facility-incidents");
    private HttpClient _http = null!;
    private WebApplication _app = null!;
    private readonly DeskJournal _journal = new();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton<IOccupancyState>(new OccupancyBoard()).AddSingleton<ISitesDirectory>(new Fakes()).AddSingleton<IDeviceDirectory>(new Fakes())
            .AddSingleton<TimeProvider>(new FakeTimeProvider(Ten)).AddFacilityApi().AddTestAccess()
            .AddSingleton<IIncidentStore>(_ => new SqliteIncidentStore(Path.Combine(_folder.FullName, "incidents.db")))
            .AddSingleton(s => new IncidentDesk(s.GetRequiredService<IIncidentStore>(), _ => new SitePlans(Seeds.Sites)))
            .AddSingleton<IFactJournal>(_journal).AddSingleton<IncidentActs>().AddSingleton<IIncidentState>(s => s.GetRequiredService<IncidentDesk>());
        _app = builder.Build();
        _app.Services.GetRequiredService<LiveFeed>();
        _app.UseRouting();
        _app.UseAccess();
        _app.MapGroup("/v1").MapIncidents();
        _app.MapHub<LiveFeedHub>(LiveHub.Path, LiveConnections.Bound).Needs(Right.SeePublicOccupancy);
        await _app.StartAsync();
        _journal.Desk = _app.Services.GetRequiredService<IncidentDesk>();
        _http = _app.SignedIn("Anna");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task An_incident_is_listed_acknowledged_once_and_resolved()
    {
        Press();
        var id = (await ListAsync("?state=open&site=ratelaar")).Single().Id;
        var first = await PostAsync($"/v1/incidents/{id}/acknowledgement", new IncidentAct("", "Who claims to be another"));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        using var bram = _app.SignedIn("Bram");
        var second = await PostAsync(bram, $"/v1/incidents/{id}/acknowledgement", new IncidentAct());
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal("application/problem+json", second.Content.Headers.ContentType!.MediaType);
        Assert.Contains("Anna was first", await second.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"/v1/incidents/{id}/resolution", new IncidentAct("false alarm"))).StatusCode);
        Assert.Empty(await ListAsync("?state=open"));
        Assert.Equal("resolved", (await _http.GetFromJsonAsync($"/v1/incidents/{id}", ApiJson.Default.Incident))!.State);
    }

    [Fact]
    public async Task What_is_not_there_is_404_and_a_wrong_state_is_400_that_says_which_are_right()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await _http.GetAsync(new Uri("/v1/incidents/none", UriKind.Relative))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("/v1/incidents/none/resolution", new IncidentAct())).StatusCode);
        var wrong = await _http.GetAsync(new Uri("/v1/incidents?state=closed", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        Assert.Contains("acknowledged", await wrong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_of_the_hub_gets_open_incidents_and_then_every_change_without_a_hole()
    {
        Press();
        await using var hub = new HubConnectionBuilder().WithUrl(new Uri(_http.BaseAddress!, LiveHub.Path), _http.Signs).AddJsonProtocol(o =>
        {
            o.PayloadSerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.CamelCase;
            o.PayloadSerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        }).Build();
        var (snapshot, all) = (new TaskCompletionSource<Snapshot>(), new TaskCompletionSource());
        var versions = new List<long>();
        hub.On<Snapshot>(LiveHub.Snapshot, snapshot.SetResult);
        hub.On<Incident>(LiveHub.Incident, i =>
        {
            versions.Add(i.IncidentVersion);
            if (versions.Count == 50)
            {
                all.SetResult();
            }
        });
        await hub.StartAsync();
        await hub.InvokeAsync(LiveHub.Watch, new[] { "ratelaar" });
        var first = await snapshot.Task.WaitAsync(Deadline);
        Assert.Equal("assistance", Assert.Single(first.Incidents).Rule);
        for (var i = 0; i < 50; i++)
        {
            Press();
        }

        await all.Task.WaitAsync(Deadline);
        Assert.Equal(Enumerable.Range(1, 50).Select(n => first.IncidentVersion + n), versions);
    }

    [Fact]
    public async Task Who_has_not_signed_in_hears_of_no_incident_and_who_is_of_another_site_of_none_of_this_one_and_sees_no_hole()
    {
        Press();
        using var nobody = _app.Anonymous();
        using var elsewhere = _app.SignedIn("Bram", Role.Piket, "batau");
        Assert.Equal(HttpStatusCode.NotFound, (await elsewhere.GetAsync($"/v1/incidents/{(await ListAsync("")).Single().Id}")).StatusCode);
        Assert.Empty((await elsewhere.GetFromJsonAsync("/v1/incidents", ApiJson.Default.IncidentList))!.Incidents);
        await using var anonymous = await WatchAsync(nobody, "ratelaar", "batau");
        await using var limited = await WatchAsync(elsewhere, "batau");
        Assert.Empty((await anonymous.Snapshot).Incidents);
        Assert.Equal(0, (await anonymous.Snapshot).IncidentVersion);
        Assert.Empty((await limited.Snapshot).Incidents);
        await Assert.ThrowsAsync<Microsoft.AspNetCore.SignalR.HubException>(() => limited.Hub.InvokeAsync(LiveHub.Watch, new[] { "ratelaar" }));
        Press();
        Press("batau");
        Press();
        Press("batau");
        await limited.TwoAsync();
        Assert.Equal(["batau", "batau"], limited.Heard.Select(i => i.Site));
        Assert.Equal([1, 2], limited.Heard.Select(i => i.IncidentVersion - limited.Snapshot.Result.IncidentVersion));
        Assert.Empty(anonymous.Heard);
    }

    [Fact]
    public async Task Who_and_note_are_bounded_and_cleaned_and_a_note_and_a_tick_are_in_the_incident()
    {
        Press();
        var id = (await ListAsync("")).Single().Id;
        var tooLong = await PostAsync($"/v1/incidents/{id}/acknowledgement", new IncidentAct(new string('x', 2001), "Anna"));
        Assert.Equal(HttpStatusCode.BadRequest, tooLong.StatusCode);
        Assert.Contains("2001 characters; at most 2000", await tooLong.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await PostAsync($"/v1/incidents/{id}/notes", new IncidentAct("n", new string('x', 101)))).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await PostAsync($"/v1/incidents/{id}/notes", new IncidentAct(" "))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync($"/v1/incidents/{id}/notes", new IncidentAct("all well\u202e", "Somebody else"))).StatusCode);
        using var bram = _app.SignedIn("Bram");
        using var ticked = await bram.PostAsJsonAsync(new Uri($"/v1/incidents/{id}/steps/1", UriKind.Relative), new StepAct(true), ApiJson.Default.StepAct);
        Assert.Equal(HttpStatusCode.OK, ticked.StatusCode);
        var incident = (await ListAsync("")).Single();
        Assert.Equal(("Anna", "note: all well", "note", "all well"), (incident.Timeline[1].Who, incident.Timeline[1].What, incident.Timeline[1].Code, incident.Timeline[1].Note));
        Assert.Equal((1, "Bram"), (incident.Ticks!.Single().Step, incident.Ticks!.Single().Who));
        using var huge = await _http.PostAsync(new Uri($"/v1/incidents/{id}/notes", UriKind.Relative), new StringContent("{\"note\":\"" + new string('x', 20_000) + "\"}", null, "application/json"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, huge.StatusCode);
    }

    [Fact]
    public async Task Of_two_who_acknowledge_at_once_one_is_first_and_the_other_is_told_who()
    {
        Press();
        var id = (await ListAsync("")).Single().Id;
        using var bram = _app.SignedIn("Bram");
        var both = await Task.WhenAll(new[] { _http, bram }.Select(who => PostAsync(who, $"/v1/incidents/{id}/acknowledgement", new IncidentAct())));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict], both.Select(b => b.StatusCode).Order());
        var first = (await ListAsync("")).Single().AcknowledgedBy!;
        Assert.Contains($"{first} was first", await both.Single(b => b.StatusCode == HttpStatusCode.Conflict).Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_aed_is_checked_at_its_cabinet_and_its_readiness_is_a_table()
    {
        var cabinet = Seeds.Ratelaar.Cabinets![0].Id;
        using var past = await _http.PostAsJsonAsync(
            new Uri($"/v1/sites/ratelaar/cabinets/{cabinet}/checks", UriKind.Relative), new CabinetCheck("Anna", new DateOnly(2020, 1, 1)), ApiJson.Default.CabinetCheck);
        Assert.Equal(HttpStatusCode.BadRequest, past.StatusCode);
        using var good = await _http.PostAsJsonAsync(
            new Uri($"/v1/sites/ratelaar/cabinets/{cabinet}/checks", UriKind.Relative), new CabinetCheck("Anna", new DateOnly(2029, 1, 1)), ApiJson.Default.CabinetCheck);
        Assert.Equal(HttpStatusCode.Accepted, good.StatusCode);
        Assert.IsType<CabinetChecked>(_journal.Last);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/sites/ratelaar/aed-readiness");
        request.Headers.Accept.ParseAdd("text/csv");
        var csv = await (await _http.SendAsync(request)).Content.ReadAsStringAsync();
        Assert.StartsWith("cabinet,minutes,ready,absent,expired,temperature,tampered,unchecked,unknown", csv.TrimStart('\ufeff'), StringComparison.Ordinal);
        using var future = await _http.GetAsync(new Uri("/v1/sites/ratelaar/aed-readiness?from=2027-01-01T00:00:00Z&to=2027-02-01T00:00:00Z", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, future.StatusCode);
    }

    [Fact]
    public async Task An_evacuation_is_called_by_a_person_for_a_site_that_there_is()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("/v1/sites/nowhere/evacuation", new IncidentAct(Who: "Anna"))).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await PostAsync("/v1/sites/ratelaar/evacuation", new IncidentAct(Who: "Anna"))).StatusCode);
        Assert.Equal("evacuation", (await ListAsync("?state=open")).Single().Rule);
    }

    private static async Task<Watcher> WatchAsync(HttpClient who, params string[] sites)
    {
        var watcher = new Watcher(who);
        await watcher.Hub.StartAsync();
        await watcher.Hub.InvokeAsync(LiveHub.Watch, sites);
        await watcher.Snapshot;
        return watcher;
    }

    private void Press(string site = "ratelaar") => _journal.Append(site, "d1", new EventsJournaled(Guid.Empty, [new JournaledEvent(1, Ten, true, "help", EventKinds.Button, 1, SetAside.None)]));

    private async Task<IReadOnlyList<Incident>> ListAsync(string query) =>
        (await _http.GetFromJsonAsync("/v1/incidents" + query, ApiJson.Default.IncidentList))!.Incidents;

    private Task<HttpResponseMessage> PostAsync(string path, IncidentAct act) => PostAsync(_http, path, act);

    private static Task<HttpResponseMessage> PostAsync(HttpClient who, string path, IncidentAct act) =>
        who.PostAsJsonAsync(new Uri(path, UriKind.Relative), act, ApiJson.Default.IncidentAct);

    private sealed class Watcher : IAsyncDisposable
    {
        private readonly TaskCompletionSource<Snapshot> _snapshot = new();
        private readonly TaskCompletionSource _two = new();

        public Watcher(HttpClient who)
        {
            Hub = new HubConnectionBuilder().WithUrl(new Uri(who.BaseAddress!, LiveHub.Path), who.Signs).AddJsonProtocol(o =>
                o.PayloadSerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default)).Build();
            Hub.On<Snapshot>(LiveHub.Snapshot, s => _snapshot.TrySetResult(s));
            Hub.On<Incident>(LiveHub.Incident, i =>
            {
                Heard.Add(i);
                if (Heard.Count == 2)
                {
                    _two.SetResult();
                }
            });
        }

        public HubConnection Hub { get; }

        public List<Incident> Heard { get; } = [];

        public Task<Snapshot> Snapshot => _snapshot.Task.WaitAsync(Deadline);

        public Task TwoAsync() => _two.Task.WaitAsync(Deadline);

        public ValueTask DisposeAsync() => Hub.DisposeAsync();
    }

    /// <summary>A journal that is followed at once.</summary>
    private sealed class DeskJournal : IFactJournal
    {
        private readonly Lock _gate = new();
        private long _entry;

        public IncidentDesk Desk { get; set; } = null!;

        public JournalFact? Last { get; private set; }

        public void Append(string site, string device, JournalFact fact)
        {
            lock (_gate)
            {
                Last = fact;
                Desk.Take([new JournalEntry(++_entry, Ten, site, device, fact)]);
            }
        }

        public Task AppendAsync(string site, string device, JournalFact fact, CancellationToken cancellation = default)
        {
            Append(site, device, fact);
            return Task.CompletedTask;
        }
    }

    private sealed class Fakes : ISitesDirectory, IDeviceDirectory
    {
        public event Action<string, string>? Changed
        {
            add { }
            remove { }
        }

        public SitesDocument Current => Seeds.Sites;

        public IReadOnlyList<DeviceState> All() => [];

        public IReadOnlyList<DeviceState> Of(IReadOnlySet<string> sites) => [];

        public DeviceState? Of(string site, string device) => null;
    }
}
