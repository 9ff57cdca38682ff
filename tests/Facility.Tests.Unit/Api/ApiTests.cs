using System.Net;
using System.Text.Json;
using Facility.Contracts.Live;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Server.Api;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Facility.Tests.Unit.Access;
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
            .AddSingleton<ISeriesStore>(new Fakes()).AddSingleton<ICalendars>(new Fakes()).AddSingleton<IPushKey>(new Fakes()).AddSingleton<TimeProvider>(new FakeTimeProvider(Noon)).AddFacilityApi().AddTestAccess();
        _app = builder.Build();
        _app.MapFacilityApi();
        await _app.StartAsync();
        _http = _app.SignedIn();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("/v1/openapi.json")]
    [InlineData("/v1/sites")]
    [InlineData("/")]
    public async Task A_host_whose_port_is_none_is_refused(string path)
    {
        // By hand: no client sends such a host.
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(System.Net.IPAddress.Loopback, _http.BaseAddress!.Port, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: facility.example:99999\r\nConnection: close\r\n\r\n"), TestContext.Current.CancellationToken);
        using var answer = new StreamReader(client.GetStream());
        var text = await answer.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 400 ", text, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/sites", 200)]
    [InlineData("/v1/devices", 200)]
    [InlineData("/v1/push-key", 200)]
    [InlineData("/v1/push-key?for=me", 400)]
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
    [InlineData("/v1/sites/ratelaar/passages?interval=P1M", 200)]
    [InlineData("/v1/sites/ratelaar/visits?per=week", 200)]
    [InlineData("/v1/sites/ratelaar/visits?per=year", 400)]
    [InlineData("/v1/sites/ratelaar/use?basis=reconciled", 200)]
    [InlineData("/v1/sites/ratelaar/staffing", 200)]
    [InlineData("/v1/sites/ratelaar/typical-day?measure=visits", 200)]
    [InlineData("/v1/sites/ratelaar/typical-day?zone=hall&weeks=3", 200)]
    [InlineData("/v1/sites/ratelaar/typical-day?zone=hall&measure=visits", 400)]
    [InlineData("/v1/sites/ratelaar/typical-day?zone=consult-1", 400)]
    [InlineData("/v1/sites/ratelaar/typical-day?date=2027-01-01", 400)]
    [InlineData("/v1/sites/ratelaar/typical-day?weeks=0", 400)]
    [InlineData("/v1/sites/atlantis/use", 404)]
    [InlineData("/v1/sites/ratelaar/bookings", 200)]
    [InlineData("/v1/sites/ratelaar/reports/2026-11", 200)]
    [InlineData("/v1/sites/ratelaar/reports/2026-13", 400)]
    [InlineData("/v1/sites/ratelaar/reports/2026-12", 400)]
    [InlineData("/v1/sites/atlantis/reports/2026-10", 404)]
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
                "/sites?", "/devices?", "/sites/{site}/occupancy?", "/sites/{site}/passages?from&to&interval",
                "/sites/{site}/occupancy-history?from&to&interval&zone&basis", "/sites/{site}/crowding?from&to", "/sites/{site}/counts?",
                "/incidents?state&site", "/incidents/{id}?",
            },
            calls.ToHashSet());
    }

    [Fact]
    public async Task The_description_breaks_none_of_the_Dutch_API_Design_Rules()
    {
        using var answer = await _http.GetAsync("/v1/openapi.json");
        Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Equal([], DesignRulesTests.Check(await answer.Content.ReadAsStringAsync()));
    }

    [Fact]
    public async Task Csv_has_a_header_row_and_the_doors_of_private_rooms_are_left_out()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/sites/ratelaar/passages");
        request.Headers.Accept.ParseAdd("text/csv");
        using var answer = await _http.SendAsync(request);
        Assert.Equal("at,portal,in,out\r\n2026-11-24T09:00:00.000Z,main,3,2\r\n", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Parquet_is_for_who_asks_for_it()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/sites/ratelaar/passages");
        request.Headers.Accept.ParseAdd("application/vnd.apache.parquet");
        using var answer = await _http.SendAsync(request);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal("PAR1", System.Text.Encoding.ASCII.GetString(bytes, 0, 4));
        using var file = new MemoryStream(bytes);
        await using var reader = await global::Parquet.ParquetReader.CreateAsync(file);
        Assert.Equal(["at", "portal", "in", "out"], reader.Schema.GetDataFields().Select(f => f.Name));
        Assert.Equal(1, reader.Metadata!.NumRows);
    }

    [Fact]
    public async Task No_trend_tells_more_of_a_private_room_than_free_or_in_use_and_no_answer_where_its_calendar_is()
    {
        var use = JsonDocument.Parse(await _http.GetStringAsync("/v1/sites/ratelaar/use?from=2026-11-24T08:00:00Z")).RootElement.GetProperty("rows");
        var rooms = use.EnumerateArray().Where(r => r.GetProperty("zone").GetString() == "consult-1").ToArray();
        Assert.NotEmpty(rooms);
        Assert.All(rooms, r => Assert.True(!r.TryGetProperty("mean", out var mean) || mean.ValueKind == JsonValueKind.Null));

        var booked = JsonDocument.Parse(await _http.GetStringAsync("/v1/sites/ratelaar/bookings?from=2026-11-24T08:00:00Z")).RootElement.GetProperty("bookings");
        Assert.Equal("used", booked[0].GetProperty("outcome").GetString());
        Assert.All(["title", "mean", "peak", "low", "high", "fullness"], key =>
            Assert.True(!booked[0].TryGetProperty(key, out var value) || value.ValueKind == JsonValueKind.Null));

        Assert.DoesNotContain("secret.ics", await _http.GetStringAsync("/v1/sites"), StringComparison.Ordinal);
        Assert.DoesNotContain("Vertrouwelijk", await _http.GetStringAsync("/v1/sites/ratelaar/reports/2026-11"), StringComparison.Ordinal);

        // The one person who came into the private room, on a day of three visits.
        var visits = JsonDocument.Parse(await _http.GetStringAsync("/v1/sites/ratelaar/visits?from=2026-11-23T23:00:00Z")).RootElement.GetProperty("points");
        Assert.Equal(3, visits[0].GetProperty("visits").GetInt32());
    }

    [Fact]
    public async Task The_report_is_one_page_without_scripts_that_encodes_every_name()
    {
        var html = await _http.GetStringAsync("/v1/sites/ratelaar/reports/2026-11");
        Assert.Contains("<svg", html, StringComparison.Ordinal);
        Assert.Contains("Hal &lt;b&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("src=", html, StringComparison.Ordinal);
        Assert.Contains("t/m 23 november", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_watcher_gets_the_snapshot_and_then_the_newest_state(bool messagePack)
    {
        _board.Show(new SiteOccupancy("ratelaar", DateTimeOffset.UnixEpoch, 7, [new("site", 5, 4, 6, 250, true, false)]));
        var builder = new HubConnectionBuilder().WithUrl(new Uri(_http.BaseAddress!, LiveHub.Path), _http.Signs);
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

    private sealed class Fakes : ISitesDirectory, IDeviceDirectory, ISeriesStore, ICalendars, IPushKey
    {
        public string? PublicKey => "BA1Hxzyi1RUM1b5wjxsn7g";

        public string? Problem => null;

        public SitesDocument Current { get; } = new([.. Seeds.Sites.Sites.Select(s => s with
        {
            Zones = [.. s.Zones.Select(z => z.Id switch
            {
                "consult-1" => z with { Calendar = "https://agenda.example/secret.ics" },
                "hall" => z with { Name = "Hal <b>" },
                _ => z,
            })],
        })]);

        public Task<(CalendarState State, IReadOnlyList<Domain.Trends.Booking> Bookings)> BookingsAsync(
            Site site, Zone zone, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
            Task.FromResult<(CalendarState, IReadOnlyList<Domain.Trends.Booking>)>(
                (new(zone.Id, Noon, null), [new(Noon.AddHours(-2), Noon.AddHours(-1), "Vertrouwelijk")]));

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
