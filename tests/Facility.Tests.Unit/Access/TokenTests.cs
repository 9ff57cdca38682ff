using System.Net;
using System.Net.Http.Json;
using Facility.Contracts;
using Facility.Contracts.Rest;
using Facility.Server;
using Facility.Server.Adapters;
using Facility.Server.Api.Access;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Access;

/// <summary>Tokens of scripts over HTTP, and the audit of what is done with them.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly string _folder = Directory.CreateTempSubdirectory("facility-access").FullName;
    private WebApplication _app = null!;
    private HttpClient _admin = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton<TimeProvider>(_time).AddFacilityAccess(new ServerOptions { Data = _folder }).AddAccess()
            .ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        _app = builder.Build();
        _app.UseRouting();
        _app.UseAccess();
        _app.MapGroup("/v1").MapAccess();
        await _app.StartAsync();
        _admin = _app.SignedIn("Beheer");
    }

    public async ValueTask DisposeAsync()
    {
        _admin.Dispose();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_token_is_shown_once_acts_by_its_name_and_is_kept_as_a_hash_alone()
    {
        var made = await MakeAsync(new NewToken("grafana", "analyst", ["ratelaar"]));
        Assert.StartsWith("fac_", made.Token, StringComparison.Ordinal);
        var session = await SessionAsync(made.Token!);
        Assert.Equal(("grafana", "analyst", "ratelaar"), (session!.Name, session.Role, session.Sites.Single()));
        Assert.Equal(["see-public-occupancy", "see-trends", "export-data"], session.Rights);
        var listed = (await _admin.GetFromJsonAsync("/v1/tokens", ApiJson.Default.TokenList))!.Tokens.Single(t => t.Id == made.Id);
        Assert.Null(listed.Token);
        Assert.Equal("Beheer", listed.MadeBy);
        foreach (var file in Directory.GetFiles(_folder))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(open, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(made.Token!, await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_ends_by_itself_and_at_once_when_it_is_revoked()
    {
        var day = await MakeAsync(new NewToken("day", "piket", Days: 1));
        var week = await MakeAsync(new NewToken("week", "piket", Days: 7));
        _time.Advance(TimeSpan.FromHours(25));
        Assert.Null(await SessionAsync(day.Token!));
        Assert.NotNull(await SessionAsync(week.Token!));
        using (var revoked = await _admin.DeleteAsync($"/v1/tokens/{week.Id}"))
        {
            Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);
        }

        Assert.Null(await SessionAsync(week.Token!));
        using var again = await _admin.DeleteAsync($"/v1/tokens/{week.Id}");
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task One_that_a_command_makes_beside_the_running_server_is_known_at_once()
    {
        var access = Wiring.OpenAccess(_folder);
        using (access.Close)
        {
            var token = NewTokens.Make(access.Tokens, new NewToken("script", "administrator", Rights: ["see-metrics"]), "command line", _time.GetUtcNow()).Token!;
            Assert.Equal(["see-metrics"], (await SessionAsync(token))!.Rights);
        }
    }

    [Theory]
    [InlineData("""{"name":"x","role":"king"}""", "role is not one of buurtverbinder, piket, analyst, administrator")]
    [InlineData("""{"name":"x","role":"anonymous"}""", "role is not one of")]
    [InlineData("""{"name":" ","role":"piket"}""", "a token has a name")]
    [InlineData("""{"name":"x","role":"piket","sites":[]}""", "sites are 1 to")]
    [InlineData("""{"name":"x","role":"piket","rights":["see-audit"]}""", "no right of piket")]
    [InlineData("""{"name":"x","role":"piket","days":367}""", "days 367 is not from 1 to 366")]
    public async Task What_is_wrong_with_one_is_said(string body, string problem)
    {
        using var answer = await _admin.PostAsync("/v1/tokens", new StringContent(body, null, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(problem, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_makes_a_token_and_who_reads_the_audit_is_in_the_audit()
    {
        await MakeAsync(new NewToken("grafana", "analyst"));
        await AuditAsync();
        var audit = await AuditAsync();
        Assert.Contains(audit, e => (e.Who, e.What, e.About) == ("token:Beheer", "manage-tokens", "/v1/tokens") && e.Detail.StartsWith("POST 201", StringComparison.Ordinal));
        Assert.Single(audit, e => e.What == "see-audit");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/audit");
        request.Headers.Accept.ParseAdd("text/csv");
        using var csv = await _admin.SendAsync(request);
        Assert.StartsWith("number,at,who,what,about,detail\r\n", await csv.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains(await AuditAsync(), e => e.What == "export-data");
    }

    [Fact]
    public void A_row_of_the_audit_cannot_be_changed_or_taken_away_and_its_text_cannot_pass_for_another_row()
    {
        var audit = _app.Services.GetRequiredService<IAudit>();
        audit.Record("Anna\r\n2026-11-24 root", "sign-in\u001b[2J", "a\u202eb\u0000c", new string('x', 5000));
        var row = audit.Between(_time.GetUtcNow().AddDays(-1), _time.GetUtcNow().AddDays(1), 10)[0];
        Assert.Equal(("Anna  2026-11-24 root", "sign-in[2J", "abc", 500), (row.Who, row.What, row.About, row.Detail.Length));
        using var db = new SqliteConnection($"Data Source={Path.Combine(_folder, "access.db")};Pooling=False");
        db.Open();
        foreach (var sql in new[] { "UPDATE audit SET who = 'nobody'", "DELETE FROM audit", "REPLACE INTO audit SELECT * FROM audit", $"UPDATE audit SET at = 0 WHERE number = {row.Number}" })
        {
            using var command = db.CreateCommand();
            command.CommandText = sql;
            Assert.Contains("the audit is", Assert.Throws<SqliteException>(() => command.ExecuteNonQuery()).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_file_is_for_its_owner_alone() =>
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(Path.Combine(_folder, "access.db")));

    [Fact]
    public void Rows_older_than_two_years_are_forgotten()
    {
        using (var file = new AccessFile(Path.Combine(_folder, "access.db")))
        {
            new SqliteAudit(file, new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(-732)), NullLogger<SqliteAudit>.Instance).Record("old", "x", "");
            Assert.DoesNotContain(new SqliteAudit(file, TimeProvider.System, NullLogger<SqliteAudit>.Instance).Between(DateTimeOffset.UnixEpoch, DateTimeOffset.UtcNow, 99), e => e.Who == "old");
        }
    }

    private async Task<TokenState> MakeAsync(NewToken asked)
    {
        using var answer = await _admin.PostAsJsonAsync("/v1/tokens", asked, ApiJson.Default.NewToken);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync(ApiJson.Default.TokenState))!;
    }

    private async Task<SessionState?> SessionAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/session");
        request.Headers.Authorization = new("Bearer", token);
        using var answer = await _app.Anonymous().SendAsync(request);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync(ApiJson.Default.SessionState) : null;
    }

    private async Task<IReadOnlyList<AuditRow>> AuditAsync() =>
        (await _admin.GetFromJsonAsync($"/v1/audit?to={Uri.EscapeDataString(Rfc3339.Format(_time.GetUtcNow().AddMinutes(1)))}", ApiJson.Default.AuditList))!.Entries;
}
