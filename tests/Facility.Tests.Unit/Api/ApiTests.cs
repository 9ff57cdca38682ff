using System.Net;
using System.Text.Json;
using Facility.Contracts.Live;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Server.Api;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Facility.Tests.Unit.Places;
using MessagePack;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Api;

public sealed class ApiTests : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly DateTimeOffset Noon = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);
    private readonly OccupancyBoard _board = new();
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton<IOccupancyState>(_board).AddSingleton<ISitesDirectory>(new Fakes()).AddSingleton<IDeviceDirectory>(new Fakes())
            .AddSingleton<ISeriesStore>(new Fakes()).AddSingleton<TimeProvider>(new FakeTimeProvider(Noon)).AddFacilityApi();
        _app = builder.Build();
        _app.MapFacilityApi();
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("/v1/sites", 200)]
    [InlineData("/v1/devices", 200)]
    [InlineData("/v1/openapi.json", 200)]
    [InlineData("/health/live", 200)]
    [InlineData("/health/ready", 200)]
    [InlineData("/v1/sites/", 404)]
    [InlineData("/v1/nothing", 404)]
    [InlineData("/v1/sites/atlantis/occupancy", 404)]
    [InlineData("/v1/sites/ratelaar/passages", 200)]
    [InlineData("/v1/sites/ratelaar/passages?from=yesterday", 400)]
    [InlineData("/v1/sites/ratelaar/passages?from=2026-11-24T09:00:00Z&to=2026-11-24T09:00:00Z", 400)]
    [InlineData("/v1/sites/ratelaar/passages?from=2016-11-24T09:00:00Z", 400)]
    [InlineData("/v1/sites/ratelaar/passages?to=0001-01-01T00:00:00Z", 400)]
    [InlineData("/v1/sites/ratelaar/passages?to=9999-12-31T23:59:59Z", 400)]
    [InlineData("/v1/sites/ratelaar/passages?interval=PT1S", 400)]
    [InlineData("/v1/sites/ratelaar/passages?from=2026-01-01T00:00:00Z&to=2026-11-01T00:00:00Z&interval=PT1M", 400)]
    [InlineData("/v1/sites/ratelaar/passages?form=x", 400)]
    [InlineData("/v1/sites/ratelaar/occupancy-history?zone=consult-1", 400)]
    [InlineData("/v1/sites/ratelaar/occupancy-history?zone=attic", 400)]
    [InlineData("/v1/sites/ratelaar/occupancy-history?basis=reconciled&interval=P1D", 200)]
    [InlineData("/v1/sites/ratelaar/crowding", 200)]
    public async Task Every_answer_has_the_version_and_every_error_is_a_problem(string path, int status)
    {
        using var answer = await _http.GetAsync(path);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("1.0.0", answer.Headers.GetValues("API-Version").Single());
        if (status >= 400)
        {
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Assert.True(problem.RootElement.GetProperty("detail").GetString()!.Length > 10);
        }
    }

    [Fact]
    public async Task Another_method_is_a_405_problem()
    {
        using var answer = await _http.PostAsync("/v1/sites", null);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task A_body_that_is_not_sent_as_json_is_a_415_problem()
    {
        using var content = new StringContent("zone=hall&people=3");
        using var answer = await _http.PostAsync("/v1/sites/ratelaar/counts", content);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Theory]
    [InlineData("/v1/sites", 200)]
    [InlineData("/v1/nothing", 404)]
    public async Task A_head_is_a_get_without_its_body(string path, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var answer = await _http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("1.0.0", answer.Headers.GetValues("API-Version").Single());
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task The_description_lists_every_call_and_its_query_keys()
    {
        using var document = JsonDocument.Parse(await _http.GetStringAsync("/v1/openapi.json"));
        var calls = document.RootElement.GetProperty("paths").EnumerateObject().Select(path => path.Name + "?" + string.Join('&',
            path.Value.EnumerateObject().First().Value.TryGetProperty("parameters", out var all)
                ? all.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").Select(p => p.GetProperty("name").GetString())
                : []));
        Assert.Superset(
            new HashSet<string>
            {
                "/v1/sites?", "/v1/devices?", "/v1/sites/{site}/occupancy?", "/v1/sites/{site}/passages?from&to&interval",
                "/v1/sites/{site}/occupancy-history?from&to&interval&zone&basis", "/v1/sites/{site}/crowding?from&to", "/v1/sites/{site}/counts?",
            },
            calls.ToHashSet());
    }

    [Fact]
    public async Task Csv_has_a_header_row_and_the_doors_of_private_rooms_are_left_out()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/sites/ratelaar/passages");
        request.Headers.Accept.ParseAdd("text/csv");
        using var answer = await _http.SendAsync(request);
        Assert.Equal("at,portal,in,out\r\n2026-11-24T09:00:00.000Z,main,3,2\r\n", await answer.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_watcher_gets_the_snapshot_and_then_the_newest_state(bool messagePack)
    {
        _board.Show(new SiteOccupancy("ratelaar", DateTimeOffset.UnixEpoch, 7, [new("site", 5, 4, 6, 250, true, false)]));
        var builder = new HubConnectionBuilder().WithUrl(new Uri(_http.BaseAddress!, LiveHub.Path));
        if (messagePack)
        {
            builder.AddMessagePackProtocol(o => o.SerializerOptions = MessagePackSerializerOptions.Standard.WithResolver(ContractResolver.Instance));
        }

        await using var hub = builder.Build();
        var snapshot = new TaskCompletionSource<Snapshot>();
        var pushed = new TaskCompletionSource<SiteOccupancy>();
        hub.On<Snapshot>(LiveHub.Snapshot, snapshot.SetResult);
        hub.On<SiteOccupancy>(LiveHub.Occupancy, o => pushed.TrySetResult(o));
        await hub.StartAsync();
        var error = await Assert.ThrowsAsync<HubException>(() => hub.InvokeAsync(LiveHub.Watch, new[] { "atlantis" }));
        Assert.Contains("there is no site atlantis", error.Message, StringComparison.Ordinal);
        await hub.InvokeAsync(LiveHub.Watch, new[] { null, "ratelaar" });
        var first = await snapshot.Task.WaitAsync(Deadline);
        Assert.Equal((7L, 5), (first.Occupancy[0].Version, first.Occupancy[0].Zones[0].Estimate!.Value));
        _board.Show(new SiteOccupancy("ratelaar", DateTimeOffset.UnixEpoch, 8, [new("site", 6, 4, 6, 250, true, false)]));
        Assert.Equal(8, (await pushed.Task.WaitAsync(Deadline)).Version);
    }

    [Fact]
    public void MessagePack_has_the_names_of_the_json()
    {
        var bytes = MessagePackSerializer.Serialize(
            new ZoneOccupancy("hall", 1, 0, 2, null, true, false), MessagePackSerializerOptions.Standard.WithResolver(ContractResolver.Instance));
        Assert.Equal("""{"zone":"hall","estimate":1,"low":0,"high":2,"capacity":null,"presence":true,"stale":false}""", MessagePackSerializer.ConvertToJson(bytes));
    }

    private sealed class Fakes : ISitesDirectory, IDeviceDirectory, ISeriesStore
    {
        public SitesDocument Current => Seeds.Sites;

        public event Action<string, string>? Changed
        {
            add { }
            remove { }
        }

        public IReadOnlyList<DeviceState> All() => [];

        public IReadOnlyList<DeviceState> Of(IReadOnlySet<string> sites) => [];

        public DeviceState? Of(string site, string device) => null;

        public Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

        public Task WriteAsync(IReadOnlyList<EventPoint> events, IReadOnlyList<OccupancyChange> changes, CancellationToken cancellation) => Task.CompletedTask;

        public Task WriteAsync(SeriesFigures figures, CancellationToken cancellation) => Task.CompletedTask;

        public Task<IReadOnlyList<PassagePoint>> PassageFiguresAsync(
            string site, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<PassagePoint>>([]);

        public Task<FiguredOccupancy?> OccupancyFiguresAsync(
            string site, string zone, string basis, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation) =>
            Task.FromResult<FiguredOccupancy?>(null);

        public Task<IReadOnlyList<LevelBlock>> LevelsAsync(string site, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<LevelBlock>>([]);

        public Task<IReadOnlyList<PassagePoint>> PassagesAsync(string site, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation)
        {
            var at = Noon.AddHours(-3);
            return Task.FromResult<IReadOnlyList<PassagePoint>>(from <= at && at < to ? [new(at, "consult-1", 1, 0), new(at, "main", 3, 2)] : []);
        }

        public Task<IReadOnlyList<OccupancyChange>> OccupancyAsync(string site, string zone, string basis, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
            Task.FromResult<IReadOnlyList<OccupancyChange>>([new(site, zone, basis, from, 4, 3, 5)]);
    }
}
