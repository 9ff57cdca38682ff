using System.Net;
using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using Facility.Contracts.Live;
using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.Alerts;
using Facility.Server.Api;
using Facility.Server.Api.Access;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Facility.Tests.Unit.Places;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Facility.Tests.Unit.Access;

/// <summary>Every endpoint as every role, at a site of its own and at one of another; and the page that says so.</summary>
public sealed class AccessMatrix : IAsyncLifetime
{
    private const string Own = "ratelaar";
    private const string Other = "batau";
    private WebApplication _app = null!;

    private static string Document { get; } = System.IO.Path.Combine(Seeds.Folder, "../server/Facility.Domain/Access/ACCESS.md");

    private IEnumerable<RouteEndpoint> Endpoints => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");

        // The gate is what is tried: what stands behind it may be missing, and then fails with 500.
        builder.Services.AddSingleton<ISitesDirectory>(new SeedSites()).AddSingleton<IIncidentStore>(new Incidents()).AddSingleton(TimeProvider.System)
            .AddSingleton<IOccupancyState>(new OccupancyBoard()).AddSingleton<IDeviceDirectory>(new TheseDevices(new[] { Own, Other }.Select(s => new DeviceState(s + "-01", s, DeviceState.Online, null, false, 0, 0, 0, []))))
            .AddSingleton<ISeriesStore>(_ => throw new NotSupportedException()).AddSingleton<ICalendars>(_ => throw new NotSupportedException())
            .AddSingleton<IPushKey>(_ => throw new NotSupportedException())
            .AddFacilityApi().AddTestAccess();
        _app = builder.Build();
        _app.MapFacilityApi();
        _app.MapMetrics();
        await _app.StartAsync();
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    [Fact]
    public void Every_endpoint_says_who_may_use_it()
    {
        Assert.Equal([], _app.Unguarded());
        _app.MapGet("/v1/forgotten", () => "").WithDisplayName("forgotten");
        Assert.Contains("forgotten", Assert.Throws<InvalidOperationException>(_app.RefuseUnguarded).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_method_of_the_hub_and_every_event_has_its_right()
    {
        var methods = typeof(LiveFeedHub).GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly).Where(m => !m.IsVirtual).Select(m => m.Name);
        Assert.Equal(LiveRights.Methods.Keys.Order(), methods.Order());
        var names = typeof(LiveHub).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.Name != nameof(LiveHub.Path)).Select(f => f.Name);
        Assert.Equal(names.Order(), LiveRights.Methods.Keys.Concat(LiveRights.Events.Keys).Order());
    }

    [Fact]
    public void The_page_is_the_table()
    {
        var written = AccessDocument.Of(Endpoints);
        if (Environment.GetEnvironmentVariable("FACILITY_WRITE_ACCESS") == "1")
        {
            File.WriteAllText(Document, written);
        }

        Assert.Equal(written, File.ReadAllText(Document));
    }

    [Fact]
    public async Task Every_endpoint_lets_in_whom_the_table_lets_in_and_nothing_of_another_site_is_there()
    {
        var wrong = new List<string>();
        var roles = Enum.GetValues<Role>().Select(r => (Role: r, Http: r == Role.Anonymous ? _app.Anonymous() : _app.SignedIn("x", r, Own))).ToArray();
        foreach (var endpoint in Endpoints.Where(e => e.Metadata.GetMetadata<Needs>()?.Right is not null))
        {
            var needs = endpoint.Metadata.GetMetadata<Needs>()!;
            var isOfSite = needs.SiteOf is not null || endpoint.RoutePattern.Parameters.Any(p => p.Name == "site");
            foreach (var (role, http) in roles)
            {
                var sites = role == Role.Anonymous ? SiteScope.All : new SiteScope([Own]);
                foreach (var site in isOfSite ? [Own, Other] : new[] { Own })
                {
                    foreach (var method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Take(1) ?? ["GET"])
                    {
                        using var request = new HttpRequestMessage(new HttpMethod(method), Path(endpoint, site));
                        request.Content = method is "GET" or "DELETE" ? null : JsonContent.Create(new { });
                        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                        var expected = !new Grant(role, sites).May(needs.Right!.Value) ? role == Role.Anonymous ? 401 : 403 : sites.Holds(site) ? 0 : 404;
                        if (expected == 0 ? answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden : (int)answer.StatusCode != expected)
                        {
                            wrong.Add($"{role} {method} {request.RequestUri}: {(int)answer.StatusCode}, expected {expected}");
                        }
                    }
                }
            }
        }

        Assert.Equal([], wrong);
    }

    [Theory]
    [InlineData("/v1/sites/batau/visits", "/v1/sites/nowhere/visits")]
    [InlineData("/v1/incidents/theirs", "/v1/incidents/none")]
    public async Task What_is_of_another_site_is_answered_as_what_does_not_exist(string theirs, string nothing)
    {
        using var http = _app.SignedIn("Anna", Role.Administrator, Own);
        async Task<string> Detail(string path)
        {
            using var answer = await http.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            return JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("detail").GetString()!;
        }

        Assert.Equal((await Detail(nothing)).Replace("nowhere", Other, StringComparison.Ordinal), await Detail(theirs));
    }

    [Fact]
    public async Task A_token_that_is_none_is_not_taken_for_nobody()
    {
        using var http = _app.Anonymous();
        http.DefaultRequestHeaders.Authorization = new("Bearer", "fac_guessed");
        using var answer = await http.GetAsync("/v1/sites");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
    }

    private static string Path(RouteEndpoint endpoint, string site) => "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(s =>
        string.Concat(s.Parts.Select(p => p is Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter
            ? parameter.Name switch
            {
                "site" => site,
                "id" => site == Own ? "mine" : "theirs",
                "device" => site + "-01",
                "step" => "1",
                "month" => "2026-11",
                _ => "x",
            }
            : p is Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal ? literal.Content : ""))));

    private sealed class Incidents : IIncidentStore
    {
        public Incident? Find(string id) => id switch
        {
            "mine" => At(Own),
            "theirs" => At(Other),
            _ => null,
        };

        public (long Cursor, long Version, BookState Book, IReadOnlyList<Incident> Unresolved) Load() => throw new NotSupportedException();

        public void Save(long cursor, BookState book, IReadOnlyCollection<Incident> changed, IReadOnlyCollection<SpanEdge> edges) => throw new NotSupportedException();

        public void StartOver(DateTimeOffset since) => throw new NotSupportedException();

        public IReadOnlyList<Incident> List(string? site, string? state, int max) => throw new NotSupportedException();

        public IReadOnlyList<ConditionSpan> Spans(string site, DateTimeOffset from, DateTimeOffset to) => throw new NotSupportedException();

        private static Incident At(string site) => new("x", site, "hall", "assistance", "urgent", "open", DateTimeOffset.UnixEpoch, null, []);
    }
}
