using System.Net;
using System.Net.Http.Json;
using Facility.Contracts;
using Facility.Contracts.Live;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Adapters;
using Facility.Server.Api;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
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
    private static readonly SitePlan Plan = new SitePlans(Seeds.Sites).Of("ratelaar")!;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facility-incidents");
    private readonly HttpClient _http = new();
    private WebApplication _app = null!;
    private IncidentDesk _desk = null!;
    private long _entry;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton<IOccupancyState>(new OccupancyBoard()).AddSingleton<ISitesDirectory>(new Fakes()).AddSingleton<IDeviceDirectory>(new Fakes())
            .AddSingleton<TimeProvider>(new FakeTimeProvider(Ten)).AddFacilityApi()
            .AddSingleton<IIncidentStore>(_ => new SqliteIncidentStore(Path.Combine(_folder.FullName, "incidents.db")))
            .AddSingleton<IncidentDesk>().AddSingleton<IIncidentState>(s => s.GetRequiredService<IncidentDesk>());
        _app = builder.Build();
        _app.Services.GetRequiredService<LiveFeed>();
        _app.MapGroup("/v1").MapIncidents();
        _app.MapHub<LiveFeedHub>(LiveHub.Path, LiveConnections.Bound);
        await _app.StartAsync();
        _desk = _app.Services.GetRequiredService<IncidentDesk>();
        _http.BaseAddress = new Uri(_app.Urls.First());
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
        var first = await PostAsync($"/v1/incidents/{id}/acknowledgement", new IncidentAct("", "Anna"));
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        var second = await PostAsync($"/v1/incidents/{id}/acknowledgement", new IncidentAct("", "Bram"));
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
        await using var hub = new HubConnectionBuilder().WithUrl(new Uri(_http.BaseAddress!, LiveHub.Path)).AddJsonProtocol(o =>
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

    private void Press() => _desk.Take(
        [new JournalEntry(++_entry, Ten, "ratelaar", "d1", new EventsJournaled(Guid.Empty, [new JournaledEvent(_entry, Ten, true, "help", EventKinds.Button, 1, SetAside.None)]))],
        _ => Plan);

    private async Task<IReadOnlyList<Incident>> ListAsync(string query) =>
        (await _http.GetFromJsonAsync("/v1/incidents" + query, ApiJson.Default.IncidentList))!.Incidents;

    private Task<HttpResponseMessage> PostAsync(string path, IncidentAct act) =>
        _http.PostAsJsonAsync(new Uri(path, UriKind.Relative), act, ApiJson.Default.IncidentAct);

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
