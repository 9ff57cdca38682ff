using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Facility.Contracts;
using Facility.Contracts.Live;
using Facility.Contracts.Rest;
using Facility.Server;
using Facility.Server.Api;
using Facility.Server.Api.Access;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Facility.Tests.Unit.Access;

/// <summary>From the first link to a session, and how a session ends; over HTTP, with a browser's cookies.</summary>
public sealed class SignInStories : IAsyncLifetime
{
    private const string Password = "vier paarse fietsen 7";
    private readonly string _folder = Directory.CreateTempSubdirectory("facility-access").FullName;
    private readonly Written _log = new();
    private WebApplication _app = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders().AddProvider(_log).SetMinimumLevel(LogLevel.Debug);
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0").ConfigureKestrel(WebDefences.Limit);
        var options = new ServerOptions { Data = _folder };
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(options).AddFacilityAccess(options)
            .AddSingleton<ISitesDirectory>(new SeedSites()).AddSingleton<IOccupancyState>(new OccupancyBoard()).AddSingleton<IDeviceDirectory>(new TheseDevices())
            .AddSingleton<ISeriesStore>(_ => throw new NotSupportedException()).AddSingleton<ICalendars>(_ => throw new NotSupportedException())
            .AddSingleton<IPushKey>(_ => throw new NotSupportedException()).AddFacilityApi();
        _app = builder.Build();
        _app.MapFacilityApi();
        await _app.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_first_link_makes_the_first_administrator_once_and_nobody_has_a_password_before()
    {
        using var browser = new Browser(_app);
        Assert.True((await browser.SessionAsync()).NeedsSetup);
        var link = First();
        var made = await JoinAsync(browser, link, "Anna");
        Assert.Equal(("Anna", "administrator"), (made.Name, made.Role));
        Assert.Equal(17, (await browser.SessionAsync()).Rights.Count);
        Assert.False((await new Browser(_app).SessionAsync()).NeedsSetup);
        using var again = await new Browser(_app).Http.GetAsync(link);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
        Assert.Null(NewInvitations.MakeFirst(Of<IAccounts>(), Of<IInvitations>(), new Uri("http://localhost"), DateTimeOffset.UtcNow));
    }

    [Theory]
    [InlineData("short", "at least 12 characters")]
    [InlineData("aaaaaaaaaaaaaaaa", "too few different")]
    [InlineData("annanannabelle1", "mostly the name", "annanannabelle")]
    public async Task A_weak_password_is_refused(string password, string problem, string name = "Anna")
    {
        using var answer = await new Browser(_app).Http.PostAsJsonAsync(First(), new AcceptInvitation(name, password), ApiJson.Default.AcceptInvitation);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(problem, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_signs_in_with_password_and_code_no_code_twice_and_signs_out()
    {
        var secret = await AnnaAsync();
        using var browser = new Browser(_app);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.SignInAsync("Anna", Password, "000000")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.SignInAsync("Anna", "another password", Code(secret, 1))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.SignInAsync("Nobody", Password, Code(secret, 1))).StatusCode);
        using var answer = await browser.SignInAsync("anna", Password, Code(secret, 1));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.Unauthorized, (await new Browser(_app).SignInAsync("Anna", Password, Code(secret, 1))).StatusCode);

        Assert.Equal("Anna", (await browser.SessionAsync()).Name);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Http.DeleteAsync("/v1/session")).StatusCode);
        await browser.WithAntiforgeryAsync();
        Assert.Equal(HttpStatusCode.NoContent, (await browser.Http.DeleteAsync("/v1/session")).StatusCode);
        Assert.Null((await browser.SessionAsync()).Name);
    }

    [Fact]
    public async Task What_changes_something_by_cookie_needs_the_antiforgery_header()
    {
        using var browser = new Browser(_app);
        await JoinAsync(browser, First(), "Anna");
        var asked = new NewToken("x", "piket");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Http.PostAsJsonAsync("/v1/tokens", asked, ApiJson.Default.NewToken)).StatusCode);
        await browser.WithAntiforgeryAsync();
        Assert.Equal(HttpStatusCode.Created, (await browser.Http.PostAsJsonAsync("/v1/tokens", asked, ApiJson.Default.NewToken)).StatusCode);
    }

    [Fact]
    public async Task Who_guesses_waits_and_who_was_there_before_does_not()
    {
        var secret = await AnnaAsync();
        using var guesser = new Browser(_app);
        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 6; i++)
        {
            answers.Add(await guesser.SignInAsync("Anna", "guess number " + i, "000000"));
        }

        Assert.Equal([401, 401, 401, 401, 401, 429], answers.Select(a => (int)a.StatusCode));
        Assert.InRange(answers[^1].Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await guesser.SignInAsync("Anna", Password, Code(secret, 1))).StatusCode);
    }

    [Fact]
    public void Guessing_from_everywhere_locks_nobody_out_who_has_signed_in_from_where_he_is()
    {
        var limits = new SignInLimits(TimeProvider.System);
        limits.Succeeded("ANNA", "home");
        var waits = Enumerable.Range(0, 500).Select(i => limits.Take("ANNA", $"bot {i}")).ToArray();
        Assert.Equal(50, waits.Count(w => w == TimeSpan.Zero));
        Assert.All(waits, w => Assert.True(w <= TimeSpan.FromSeconds(30)));
        Assert.Equal(TimeSpan.Zero, limits.Take("ANNA", "home"));
    }

    [Fact]
    public async Task A_role_is_taken_away_at_once_and_the_live_connection_is_cut()
    {
        using var admin = new Browser(_app);
        await JoinAsync(admin, First(), "Anna");
        await admin.WithAntiforgeryAsync();
        using var bram = new Browser(_app);
        await JoinAsync(bram, await InviteAsync(admin, new AccountGrant("piket", ["ratelaar"])), "Bram");
        await using var hub = new HubConnectionBuilder().WithUrl(new Uri(_app.Urls.First() + LiveHub.Path), o => o.Cookies = bram.Cookies).Build();
        var closed = new TaskCompletionSource();
        hub.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await hub.StartAsync();
        await hub.InvokeAsync(LiveHub.Watch, new[] { "ratelaar" });
        var accounts = (await admin.Http.GetFromJsonAsync("/v1/accounts", ApiJson.Default.AccountList))!.Accounts;
        using var changed = await admin.Http.PutAsJsonAsync(
            $"/v1/accounts/{accounts.Single(a => a.Name == "Bram").Id}", new AccountGrant("analyst", ["batau"]), ApiJson.Default.AccountGrant);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        await closed.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var now = await bram.SessionAsync();
        Assert.Equal(("analyst", "batau"), (now.Role, now.Sites.Single()));
        Assert.Equal(HttpStatusCode.NoContent, (await admin.Http.DeleteAsync($"/v1/accounts/{accounts.Single(a => a.Name == "Bram").Id}")).StatusCode);
        Assert.Null((await bram.SessionAsync()).Name);
        Assert.Equal(HttpStatusCode.Conflict, (await admin.Http.DeleteAsync($"/v1/accounts/{accounts.Single(a => a.Name == "Anna").Id}")).StatusCode);
    }

    [Fact]
    public async Task A_new_link_sets_password_and_app_anew_and_ends_the_sessions_that_there_were()
    {
        using var admin = new Browser(_app);
        await JoinAsync(admin, First(), "Anna");
        await admin.WithAntiforgeryAsync();
        var id = (await admin.Http.GetFromJsonAsync("/v1/accounts", ApiJson.Default.AccountList))!.Accounts.Single().Id;
        using var answer = await admin.Http.PostAsync($"/v1/accounts/{id}/invitation", null);
        var link = Code((await answer.Content.ReadFromJsonAsync(ApiJson.Default.InvitationLink))!.Link);
        var again = await JoinAsync(new Browser(_app), link, "Anna");
        Assert.Equal("Anna", again.Name);
        Assert.Null((await admin.SessionAsync()).Name);
    }

    [Fact]
    public async Task Another_sites_page_signs_nobody_in_and_opens_no_hub()
    {
        using var browser = new Browser(_app);
        browser.Http.DefaultRequestHeaders.Add("Origin", "https://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SignInAsync("Anna", Password, "123456")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.Http.PostAsync(LiveHub.Path + "/negotiate?negotiateVersion=1", null)).StatusCode);
    }

    [Fact]
    public async Task Over_plain_http_to_another_machine_nobody_signs_in()
    {
        using var browser = new Browser(_app);
        browser.Http.DefaultRequestHeaders.Host = "facility.example.org";
        Assert.Equal(HttpStatusCode.Forbidden, (await browser.SignInAsync("Anna", Password, "123456")).StatusCode);
    }

    [Fact]
    public async Task No_secret_of_the_story_is_in_the_log_or_on_disk_and_signing_in_is_in_the_audit()
    {
        var secret = await AnnaAsync();
        using var browser = new Browser(_app);
        await browser.SignInAsync("Anna\r\nforged: line", "wrong password 1", "000000");
        using var answer = await browser.SignInAsync("Anna", Password, Code(secret, 1));
        var cookie = browser.Cookies.GetCookies(new Uri(_app.Urls.First())).Single().Value;
        var antiforgery = (await browser.SessionAsync()).Antiforgery!;
        var texts = Directory.GetFiles(_folder).Where(f => !f.EndsWith("-shm", StringComparison.Ordinal)).Select(f =>
        {
            using var open = new StreamReader(new FileStream(f, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), System.Text.Encoding.Latin1);
            return open.ReadToEnd();
        }).ToArray();
        Assert.All([Password, "wrong password 1", cookie, antiforgery], kept => Assert.All(texts, text => Assert.DoesNotContain(kept, text, StringComparison.Ordinal)));
        Assert.All([Password, "wrong password 1", cookie, antiforgery, secret, Code(secret, 1)], kept => Assert.DoesNotContain(kept, _log.Text, StringComparison.Ordinal));
        var audit = Of<IAudit>().Between(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), 100);
        Assert.Equal(["sign-in", "sign-in-failed", "account-made"], audit.Select(e => e.What));
        Assert.Equal("Anna  forged: line", audit[1].About);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/v1/sites")]
    [InlineData("/v1/nothing")]
    public async Task Every_answer_has_the_headers_by_which_browsers_defend_people(string path)
    {
        using var answer = await new Browser(_app).Http.GetAsync(path);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.DoesNotContain("unsafe-inline", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("'unsafe-eval'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.Equal("same-origin", answer.Headers.GetValues("Cross-Origin-Opener-Policy").Single());
        Assert.True(answer.Headers.Contains("Permissions-Policy"));
        Assert.False(answer.Headers.Contains("Server"));
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    private T Of<T>()
        where T : notnull => _app.Services.CreateScope().ServiceProvider.GetRequiredService<T>();

    private string First() => Code(NewInvitations.MakeFirst(Of<IAccounts>(), Of<IInvitations>(), new Uri("http://localhost"), DateTimeOffset.UtcNow)!.Value.Link.ToString());

    private static string Code(string link) => "/v1/invitations/" + link.Split('/')[^1];

    private async Task<string> AnnaAsync()
    {
        var link = First();
        await JoinAsync(new Browser(_app), link, "Anna");
        return Secret!;
    }

    private string? Secret { get; set; }

    private async Task<SessionState> JoinAsync(Browser browser, string link, string name)
    {
        using var first = await browser.Http.PostAsJsonAsync(link, new AcceptInvitation(name, Password), ApiJson.Default.AcceptInvitation);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        var setup = (await first.Content.ReadFromJsonAsync(ApiJson.Default.AuthenticatorSetup))!;
        Assert.StartsWith($"otpauth://totp/Facility:{name}?secret={setup.Secret}&issuer=Facility", setup.Uri, StringComparison.Ordinal);
        Assert.StartsWith("<svg", setup.Qr, StringComparison.Ordinal);
        Assert.DoesNotContain("style", setup.Qr, StringComparison.Ordinal);
        using var wrong = await browser.Http.PostAsJsonAsync(link, new AcceptInvitation(name, Password, "000000"), ApiJson.Default.AcceptInvitation);
        Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
        using var second = await browser.Http.PostAsJsonAsync(link, new AcceptInvitation(name, Password, Code(setup.Secret, 0)), ApiJson.Default.AcceptInvitation);
        Assert.Equal(HttpStatusCode.Created, second.StatusCode);
        Secret = setup.Secret;
        return (await second.Content.ReadFromJsonAsync(ApiJson.Default.SessionState))!;
    }

    private static async Task<string> InviteAsync(Browser admin, AccountGrant grant)
    {
        using var answer = await admin.Http.PostAsJsonAsync("/v1/accounts", grant, ApiJson.Default.AccountGrant);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return Code((await answer.Content.ReadFromJsonAsync(ApiJson.Default.InvitationLink))!.Link);
    }

    // RFC 6238 as an app does it, so many steps of 30 s from now.
    private static string Code(string base32, int steps)
    {
        var (bits, key) = (0, new List<byte>());
        for (var (i, value) = (0, 0); i < base32.Length; i++)
        {
            (value, bits) = ((value << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(base32[i], StringComparison.Ordinal), bits + 5);
            if (bits >= 8)
            {
                bits -= 8;
                key.Add((byte)(value >> bits));
                value &= (1 << bits) - 1;
            }
        }

        var counter = BitConverter.GetBytes((DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + steps);
        Array.Reverse(counter);
#pragma warning disable CA5350 // The apps' own algorithm.
        var hash = HMACSHA1.HashData(key.ToArray(), counter);
#pragma warning restore CA5350
        var at = hash[^1] & 15;
        var number = ((hash[at] & 127) << 24) | (hash[at + 1] << 16) | (hash[at + 2] << 8) | hash[at + 3];
        return (number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }

    private sealed class Browser : IDisposable
    {
        public Browser(WebApplication app) => Http = new HttpClient(new HttpClientHandler { CookieContainer = Cookies }) { BaseAddress = new Uri(app.Urls.First()) };

        public CookieContainer Cookies { get; } = new();

        public HttpClient Http { get; }

        public async Task<SessionState> SessionAsync() => (await Http.GetFromJsonAsync("/v1/session", ApiJson.Default.SessionState))!;

        public Task<HttpResponseMessage> SignInAsync(string name, string password, string code) =>
            Http.PostAsJsonAsync("/v1/session", new SignIn(name, password, code), ApiJson.Default.SignIn);

        public async Task WithAntiforgeryAsync() => Http.DefaultRequestHeaders.Add("X-Antiforgery", (await SessionAsync()).Antiforgery);

        public void Dispose() => Http.Dispose();
    }

    private sealed class Written : ILoggerProvider, ILogger
    {
        private readonly System.Text.StringBuilder _text = new();

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_text)
            {
                _text.AppendLine(formatter(state, exception)).Append(exception);
            }
        }

        public void Dispose()
        {
        }
    }
}
