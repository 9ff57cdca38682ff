using System.Net;
using System.Text;
using System.Text.Json;
using Facility.Contracts.Places;
using Facility.Domain.Incidents;
using Facility.Domain.Ingestion;
using Facility.Server.Api;
using Facility.Server.Ports;
using Facility.Tests.Unit.Places;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Facility.Tests.Unit.Api;

public sealed class CountTests : IAsyncLifetime
{
    private readonly Journal _journal = new();
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton<ISitesDirectory>(_journal).AddSingleton<IFactJournal>(_journal).AddSingleton(TimeProvider.System);
        _app = builder.Build();
        _app.MapGroup("/v1").MapCounts();
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("hall", 37)]
    [InlineData("site", 0)]
    public async Task A_count_is_in_the_journal_when_it_is_answered(string zone, int people)
    {
        using var answer = await PostAsync($$"""{"people":{{people}},"zone":"{{zone}}"}""");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        Assert.Equal([("ratelaar", "", new CountEntered(zone, people, PersonText.Unknown))], _journal.Facts);
    }

    [Theory]
    [InlineData("nonsense", "not JSON")]
    [InlineData("", "not JSON")]
    [InlineData("[]", "zone and people, and nothing else")]
    [InlineData("{}", "zone and people, and nothing else")]
    [InlineData("""{"zone":"hall","people":3,"who":"me"}""", "zone and people, and nothing else")]
    [InlineData("""{"zone":"hall","zone":"hall","people":3}""", "not JSON")]
    [InlineData("""{"zone":"attic","people":3}""", "zone is not one of site, hall")]
    [InlineData("""{"zone":3,"people":3}""", "zone is not one of site, hall")]
    [InlineData("""{"zone":"\ud800","people":3}""", "half a surrogate pair")]
    [InlineData("""{"zone":"consult-1","people":1}""", "private")]
    [InlineData("""{"zone":"hall","people":-1}""", "whole number from 0 to 2500")]
    [InlineData("""{"zone":"hall","people":2501}""", "whole number from 0 to 2500")]
    [InlineData("""{"zone":"hall","people":1.5}""", "whole number from 0 to 2500")]
    [InlineData("""{"zone":"hall","people":"3"}""", "whole number from 0 to 2500")]
    [InlineData("""{"zone":"hall","people":99999999999}""", "whole number from 0 to 2500")]
    public async Task A_bad_body_says_what_is_wrong_and_is_not_journaled(string body, string detail)
    {
        using var answer = await PostAsync(body);
        Assert.Equal(detail, await ProblemAsync(answer, 400) is { } told && told.Contains(detail, StringComparison.Ordinal) ? detail : await answer.Content.ReadAsStringAsync());
        Assert.Empty(_journal.Facts);
    }

    [Fact]
    public async Task Another_site_or_key_a_form_and_a_flood_are_problems_too()
    {
        const string Good = """{"zone":"hall","people":3}""";
        using var elsewhere = await PostAsync(Good, "/v1/sites/atlantis/counts");
        await ProblemAsync(elsewhere, 404);
        using var key = await PostAsync(Good, "/v1/sites/ratelaar/counts?at=now");
        await ProblemAsync(key, 400);
        using var form = await PostAsync(Good, type: "text/plain");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
        using var flood = await PostAsync(Good + new string(' ', 5000));
        await ProblemAsync(flood, 413);
        Assert.Empty(_journal.Facts);
    }

    private async Task<HttpResponseMessage> PostAsync(string body, string path = "/v1/sites/ratelaar/counts", string type = "application/json")
    {
        using var content = new StringContent(body, Encoding.UTF8, type);
        return await _http.PostAsync(path, content);
    }

    private static async Task<string> ProblemAsync(HttpResponseMessage answer, int status)
    {
        Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        using var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return problem.RootElement.GetProperty("detail").GetString()!;
    }

    private sealed class Journal : ISitesDirectory, IFactJournal
    {
        public List<(string, string, JournalFact)> Facts { get; } = [];

        public SitesDocument Current => Seeds.Sites;

        public Task AppendAsync(string site, string device, JournalFact fact, CancellationToken cancellation)
        {
            Facts.Add((site, device, fact));
            return Task.CompletedTask;
        }
    }
}
