using System.Net;
using System.Net.Http.Json;
using System.Security.Claims;
using Facility.Contracts;
using Facility.Contracts.Rest;
using Facility.Tests.Programs;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Facility.Tests.Integration.Services;

/// <summary>Signing in at a provider that another project wrote (OpenIddict), through the real server, as a browser follows it.</summary>
public sealed class OpenIdStory : IAsyncLifetime
{
    private const string Secret = "only the two of us know";
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = Here.FreePort();
    private readonly int _providerPort = Here.FreePort();
    private WebApplication _provider = null!;

    /// <summary>What the provider says of the person who signs in.</summary>
    private Claim[] Claims { get; set; } = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder["secret"], Secret + "\n", Cancellation);
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", $"http://127.0.0.1:{_providerPort}");
        builder.Services.AddOpenIddict().AddServer(o =>
        {
            // No database: clients are checked below.
            o.EnableDegradedMode();
            o.SetIssuer(new Uri($"http://127.0.0.1:{_providerPort}/"));
            o.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token").SetUserInfoEndpointUris("connect/userinfo").SetEndSessionEndpointUris("connect/logout");
            o.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
            o.RegisterScopes(Scopes.OpenId, Scopes.Profile);
            o.AddEphemeralEncryptionKey().AddEphemeralSigningKey();
            o.UseAspNetCore().DisableTransportSecurityRequirement().EnableAuthorizationEndpointPassthrough().EnableUserInfoEndpointPassthrough();
            o.AddEventHandler<OpenIddictServerEvents.ValidateAuthorizationRequestContext>(h => h.UseInlineHandler(context =>
            {
                if (context.ClientId != "facility" || context.RedirectUri != $"http://127.0.0.1:{_port}/v1/session/open-id/callback")
                {
                    context.Reject(Errors.InvalidClient, "not a client, or not its address");
                }

                return ValueTask.CompletedTask;
            }));
            o.AddEventHandler<OpenIddictServerEvents.ValidateTokenRequestContext>(h => h.UseInlineHandler(context =>
            {
                if (context.ClientId != "facility" || context.ClientSecret != Secret)
                {
                    context.Reject(Errors.InvalidClient, "wrong secret");
                }

                return ValueTask.CompletedTask;
            }));
            o.AddEventHandler<OpenIddictServerEvents.ValidateEndSessionRequestContext>(h => h.UseInlineHandler(_ => ValueTask.CompletedTask));
        });
        _provider = builder.Build();
        _provider.UseAuthentication();
        _provider.MapGet("/connect/authorize", () =>
        {
            var identity = new ClaimsIdentity("test", "name", "roles");
            identity.AddClaims(Claims);
            identity.SetDestinations(_ => [Destinations.IdentityToken, Destinations.AccessToken]);
            var person = new ClaimsPrincipal(identity);
            person.SetScopes(Scopes.OpenId, Scopes.Profile);
            return Results.SignIn(person, null, OpenIddictServerAspNetCoreDefaults.AuthenticationScheme);
        });
        _provider.MapGet("/connect/userinfo", async (HttpContext context) =>
        {
            var person = (await context.AuthenticateAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme)).Principal!;
            return Results.Json(new { sub = person.FindFirstValue(OpenIddictConstants.Claims.Subject) });
        });
        await _provider.StartAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_person_of_the_organisation_signs_in_has_the_role_and_sites_that_it_says_and_signs_out()
    {
        await using var server = await ServerAsync();
        Assert.DoesNotContain("First administrator", server.Output, StringComparison.Ordinal);
        Claims = [new("sub", "42"), new("name", "Carla de Vries"), new("roles", "piket"), new("roles", "of something else"), new("sites", "ratelaar"), new("sites", "batau")];
        using var browser = Browser();
        Assert.True((await SessionAsync(browser)).OpenId);
        using var page = await browser.GetAsync("/v1/session/open-id", Cancellation);
        Assert.Equal("/", page.RequestMessage!.RequestUri!.AbsolutePath);
        var session = await SessionAsync(browser);
        Assert.Equal(("Carla de Vries", "piket", "batau ratelaar"), (session.Name, session.Role, string.Join(' ', session.Sites)));
        Assert.Equal(HttpStatusCode.OK, (await browser.GetAsync("/v1/incidents", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync("/v1/sites/galecop/occupancy", Cancellation)).StatusCode);

        using var request = new HttpRequestMessage(HttpMethod.Delete, "/v1/session");
        request.Headers.Add("X-Antiforgery", session.Antiforgery);
        using var answer = await browser.SendAsync(request, Cancellation);
        var next = (await answer.Content.ReadFromJsonAsync(ApiJson.Default.SignedOut, Cancellation))!.Next!;
        Assert.StartsWith($"http://127.0.0.1:{_providerPort}/connect/logout?id_token_hint=", next, StringComparison.Ordinal);
        Assert.Null((await SessionAsync(browser)).Name);
        Assert.DoesNotContain(Secret, server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_is_given_no_role_here_or_no_sites_is_told_so_and_is_nobody()
    {
        await using var server = await ServerAsync();
        foreach (var claims in new Claim[][] { [new("roles", "piket")], [new("sites", "*")], [new("roles", "anonymous"), new("sites", "*")] })
        {
            Claims = [new("sub", "43"), new("name", "Dirk"), .. claims];
            using var browser = Browser();
            using var answer = await browser.GetAsync("/v1/session/open-id", Cancellation);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Null((await SessionAsync(browser)).Name);
        }
    }

    [Fact]
    public async Task An_answer_that_this_browser_did_not_ask_for_signs_nobody_in()
    {
        await using var server = await ServerAsync();
        Claims = [new("sub", "44"), new("name", "Eva"), new("roles", "administrator"), new("sites", "*")];
        using var eva = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };
        var at = (await eva.GetAsync("/v1/session/open-id", Cancellation)).Headers.Location!;
        var back = (await eva.GetAsync(at, Cancellation)).Headers.Location!;
        using var other = Browser();
        Assert.Equal(HttpStatusCode.Unauthorized, (await other.GetAsync(back, Cancellation)).StatusCode);
        Assert.Null((await SessionAsync(other)).Name);
    }

    private Task<RunningProgram> ServerAsync() => RunningProgram.ReadyServerAsync(
        _port, "--data", _folder["data"], "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{Here.FreePort()}",
        "--oidc-authority", $"http://127.0.0.1:{_providerPort}", "--oidc-client-id", "facility", "--oidc-client-secret-file", _folder["secret"]);

    private HttpClient Browser() => new(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri($"http://127.0.0.1:{_port}") };

    private static async Task<SessionState> SessionAsync(HttpClient browser) => (await browser.GetFromJsonAsync("/v1/session", ApiJson.Default.SessionState, Cancellation))!;
}
