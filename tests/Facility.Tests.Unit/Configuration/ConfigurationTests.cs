using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Facility.Contracts;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Server.Adapters;
using Facility.Server.Api;
using Facility.Server.Pipeline;
using Facility.Server.Places;
using Facility.Server.Ports;
using Facility.Tests.Unit.Places;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Facility.Tests.Unit.Configuration;

/// <summary><c>/v1/configuration</c> over HTTP, with the real journal behind it.</summary>
public sealed class ConfigurationTests : IAsyncLifetime
{
    private static readonly string[] FileAndCaller = ["", "unknown"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facility-configuration");
    private SqliteJournal _journal = null!;
    private SitesDirectory _sites = null!;
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    public async ValueTask InitializeAsync()
    {
        _journal = new SqliteJournal(Path.Combine(_folder.FullName, "journal.db"), TimeProvider.System);
        _journal.Writer.Append(_journal.Writer.Begin(), "", "", new SitesRevised(Seeds.Sites));
        _journal.Writer.Commit();
        _sites = new SitesDirectory(_journal);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton<ISitesDirectory>(_sites).AddSingleton<ISitesRevisions>(_journal).AddSingleton<IFactJournal>(new Writing(_journal, _sites))
            .AddSingleton(TimeProvider.System).AddSingleton<SitesConfiguration>();
        builder.Services.ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        _app = builder.Build();
        _app.MapGroup("/v1").MapConfiguration();
        await _app.StartAsync();
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
        _journal.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_change_is_checked_saved_ruling_looked_back_at_and_undone()
    {
        var ruling = await CurrentAsync();
        Assert.Equal((1, ""), (ruling.Revision, ruling.Who));
        var draft = Document(ruling);
        draft["sites"]![0]!["zones"]![0]!["capacity"] = 120;

        var check = await CheckAsync(draft);
        Assert.Empty(check.Problems);
        Assert.Empty(check.Warnings);
        Assert.Equal(["sites.batau.zones.hall.capacity was 100 and becomes 120"], check.Changes.Select(c => c.Text));
        Assert.Equal(100, _sites.Current.Sites[0].Zones[0].Capacity);

        using var saved = await PutAsync(1, draft, "De hal is verbouwd");
        Assert.Equal(HttpStatusCode.OK, saved.StatusCode);
        Assert.Equal(2, (await ReadAsync<ConfigurationState>(saved)).Revision);
        Assert.Equal(120, _sites.Current.Sites[0].Zones[0].Capacity);

        using var undone = await PutAsync(2, Document(ruling), "Terug naar 1");
        Assert.Equal(HttpStatusCode.OK, undone.StatusCode);
        Assert.Equal(100, _sites.Current.Sites[0].Zones[0].Capacity);
        var list = (await _http.GetFromJsonAsync("/v1/configuration/revisions", ApiJson.Default.RevisionList))!.Revisions;
        Assert.Equal([(3L, "Terug naar 1"), (2, "De hal is verbouwd"), (1, "")], list.Select(r => (r.Revision, r.Note)));
        Assert.Equal(FileAndCaller, list.Select(r => r.Who).Distinct().Order(StringComparer.Ordinal));
        var second = (await _http.GetFromJsonAsync("/v1/configuration/revisions/2", ApiJson.Default.ConfigurationState))!;
        Assert.Equal("sites.batau.zones.hall.capacity", Assert.Single(second.Changes!).Path);
    }

    [Fact]
    public async Task Of_two_who_change_the_same_revision_the_second_is_told()
    {
        var draft = Document(await CurrentAsync());
        var answers = await Task.WhenAll(PutAsync(1, draft), PutAsync(1, draft), PutAsync(1, draft));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.Conflict, HttpStatusCode.Conflict], answers.Select(a => a.StatusCode).Order());
        Assert.Contains("revision 2 rules by now", await answers.First(a => a.StatusCode == HttpStatusCode.Conflict).Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Array.ForEach(answers, a => a.Dispose());
        Assert.Equal(2, (await CurrentAsync()).Revision);
    }

    [Fact]
    public async Task All_that_is_wrong_is_told_at_once_with_its_place_and_nothing_is_saved()
    {
        var draft = Document(await CurrentAsync());
        draft["sites"]![0]!["capacity"] = 0;
        draft["sites"]![1]!.AsObject().Remove("name");
        var check = await CheckAsync(draft);
        Assert.Equal(["$.sites[0].capacity", "$.sites[1]"], check.Problems.Select(p => p.Path.Replace(".name", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal("0", check.Problems.Single(p => p.Path.EndsWith("capacity", StringComparison.Ordinal)).Value);
        Assert.Contains("at least 1", check.Problems.Single(p => p.Path.EndsWith("capacity", StringComparison.Ordinal)).Allowed, StringComparison.Ordinal);

        draft = Document(await CurrentAsync());
        draft["sites"]![0]!["portals"]![0]!["to"] = "attic";
        draft["sites"]![0]!["openingHours"]!["mon"]![0] = "09:00-09:00";
        using var answer = await PutAsync(1, draft);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
        Assert.Equal(["$.sites[0].openingHours.mon[0]", "$.sites[0].portals[0].to"],
            problem.GetProperty("problems").EnumerateArray().Select(p => p.GetProperty("path").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(1, (await CurrentAsync()).Revision);
    }

    [Fact]
    public async Task A_secret_address_of_a_calendar_stays_when_another_thing_is_changed()
    {
        var draft = Document(await CurrentAsync());
        draft["sites"]![0]!["zones"]![0]!["calendar"] = "https://example.org/secret.ics";
        (await PutAsync(1, draft)).Dispose();
        draft = Document(await CurrentAsync());
        draft["sites"]![0]!["name"] = "Batau";
        (await PutAsync(2, draft)).Dispose();
        Assert.Equal("https://example.org/secret.ics", _sites.Current.Sites[0].Zones[0].Calendar);
    }

    [Fact]
    public async Task What_is_trimmed_from_the_journal_can_still_be_looked_back_at()
    {
        var draft = Document(await CurrentAsync());
        draft["sites"]![0]!["name"] = "Batau";
        (await PutAsync(1, draft)).Dispose();
        (await PutAsync(2, draft)).Dispose();
        _journal.Writer.Begin();
        Assert.Equal(1, _journal.Writer.Trim(DateTimeOffset.UtcNow.AddDays(1), long.MaxValue, 100));
        _journal.Writer.Commit();
        var first = (await _http.GetFromJsonAsync("/v1/configuration/revisions/1", ApiJson.Default.ConfigurationState))!;
        Assert.Equal("Buurtplein Batau", (string?)Document(first)["sites"]![0]!["name"]);
        using var none = await _http.GetAsync("/v1/configuration/revisions/4");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    private async Task<ConfigurationState> CurrentAsync() => (await _http.GetFromJsonAsync("/v1/configuration", ApiJson.Default.ConfigurationState))!;

    private static JsonObject Document(ConfigurationState state) => JsonNode.Parse(state.Document.GetRawText())!.AsObject();

    private async Task<ConfigurationCheck> CheckAsync(JsonObject document)
    {
        using var answer = await _http.PostAsJsonAsync("/v1/configuration/check", new { document });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await ReadAsync<ConfigurationCheck>(answer);
    }

    private Task<HttpResponseMessage> PutAsync(long basedOn, JsonObject document, string? note = null) =>
        _http.PutAsJsonAsync("/v1/configuration", new { basedOn, note, document });

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer) =>
        (T)JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), typeof(T), ApiJson.Default)!;

    private sealed class Writing(SqliteJournal journal, SitesDirectory sites) : IFactJournal
    {
        public Task AppendAsync(string site, string device, JournalFact fact, CancellationToken cancellation = default)
        {
            journal.Writer.Append(journal.Writer.Begin(), site, device, fact);
            journal.Writer.Commit();
            sites.Apply((SitesRevised)fact);
            return Task.CompletedTask;
        }
    }
}
