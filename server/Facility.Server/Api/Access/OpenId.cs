using System.Security.Claims;
using Facility.Domain.Access;
using Facility.Domain.Incidents;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api.Access;

/// <summary>The organisation's own provider of sign-in.</summary>
/// <param name="RolesClaim">Has the person's role; of several the last in the order of roles.</param>
/// <param name="SitesClaim">Has the person's sites.</param>
public sealed record OpenIdOptions(Uri Authority, string ClientId, string? ClientSecret, string RolesClaim, string SitesClaim);

/// <summary>
/// Signing in at an OpenID Connect provider (code flow with PKCE). What it says of role and sites holds for the session: at most a week,
/// and a day without use. ASP.NET Core does the protocol; the session is Facility's own.
/// </summary>
internal static class OpenId
{
    public const string Scheme = "openid";
    private const string Session = "session";

    public static IServiceCollection AddOpenId(this IServiceCollection services, OpenIdOptions? options, string keys)
    {
        if (options is null)
        {
            return services;
        }

        services.AddSingleton(options).AddDataProtection().SetApplicationName("facility").PersistKeysToFileSystem(Directory.CreateDirectory(keys));
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, NoHandler>(Session, null).AddOpenIdConnect(Scheme, o =>
        {
            (o.Authority, o.ClientId, o.ClientSecret) = (options.Authority.ToString(), options.ClientId, options.ClientSecret);
            (o.ResponseType, o.ResponseMode, o.UsePkce, o.SignInScheme) = ("code", "query", true, Session);
            (o.RequireHttpsMetadata, o.MapInboundClaims, o.GetClaimsFromUserInfoEndpoint, o.SaveTokens) = (options.Authority.Scheme == "https", false, false, true);
            (o.CallbackPath, o.SignedOutCallbackPath) = ("/v1/session/open-id/callback", "/v1/session/open-id/signed-out");
            (o.CorrelationCookie.SameSite, o.CorrelationCookie.SecurePolicy) = (SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
            (o.NonceCookie.SameSite, o.NonceCookie.SecurePolicy) = (SameSiteMode.Lax, CookieSecurePolicy.SameAsRequest);
            o.TokenValidationParameters.NameClaimType = "name";
            o.Events.OnTicketReceived = ReceiveAsync;
            o.Events.OnRemoteFailure = FailAsync;
        });
        return services;
    }

    public static void MapOpenId(this IEndpointRouteBuilder v1) => v1.MapGet("/session/open-id", ([FromServices] IServiceProvider services) =>
            services.GetService<OpenIdOptions>() is null
                ? Problems.NotFound("this server has no provider: it was started without --oidc-authority")
                : TypedResults.Challenge(new AuthenticationProperties { RedirectUri = "/" }, [Scheme]))
        .OpenToAll("goes to the organisation's own provider to sign in").Produces(302).ProducesProblem(404);

    /// <summary>Where to sign out of the provider too; null where it has no such place.</summary>
    public static async Task<string?> SignOutAtAsync(HttpContext context, string? idToken)
    {
        var options = context.RequestServices.GetRequiredService<Microsoft.Extensions.Options.IOptionsMonitor<OpenIdConnectOptions>>().Get(Scheme);
        var configuration = await options.ConfigurationManager!.GetConfigurationAsync(context.RequestAborted);
        return configuration.EndSessionEndpoint is not { Length: > 0 } end ? null : Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString(end, new Dictionary<string, string?>
        {
            ["id_token_hint"] = idToken,
            ["client_id"] = options.ClientId,
            ["post_logout_redirect_uri"] = $"{context.Request.Scheme}://{context.Request.Host}/",
        });
    }

    /// <summary>What a person of the provider may do here; null for nothing.</summary>
    public static Grant? GrantOf(ClaimsPrincipal person, OpenIdOptions options)
    {
        var roles = person.FindAll(options.RolesClaim).Select(c => AccessTable.RoleOf(c.Value)).Where(r => r is not (null or Role.Anonymous)).ToArray();
        var sites = person.FindAll(options.SitesClaim).SelectMany(c => c.Value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries)).ToArray();
        return roles.Length == 0 || sites.Length == 0 ? null : new Grant(roles.Max()!.Value, new SiteScope(sites));
    }

    private static async Task ReceiveAsync(TicketReceivedContext context)
    {
        var services = context.HttpContext.RequestServices;
        var (audit, now) = (services.GetRequiredService<IAudit>(), services.GetRequiredService<TimeProvider>().GetUtcNow());
        var name = PersonText.Name(context.Principal!.FindFirstValue("name") ?? context.Principal!.FindFirstValue("preferred_username") ?? context.Principal!.FindFirstValue("sub"));
        context.HandleResponse();
        if (GrantOf(context.Principal!, services.GetRequiredService<OpenIdOptions>()) is not { } grant)
        {
            audit.Record(name, "sign-in-failed", "open-id", "the provider gives no role here, or no sites");
            await Problems.WriteAsync(context.HttpContext, StatusCodes.Status403Forbidden, "the provider knows you, and gives you no role here: ask who runs Facility");
            return;
        }

        SessionCookie.Begin(context.HttpContext, services.GetRequiredService<ISessions>(), new Session(
            null, name, grant, now, now, now + SessionCookie.Lasts, context.Properties?.GetTokenValue("id_token")));
        audit.Record(name, "sign-in", "open-id", $"{AccessTable.NameOf(grant.Role)} of {grant.Sites}");
        context.HttpContext.Response.Redirect("/");
    }

    private static Task FailAsync(RemoteFailureContext context)
    {
        context.HttpContext.RequestServices.GetRequiredService<IAudit>().Record(CurrentPerson.Nobody, "sign-in-failed", "open-id", context.Failure?.Message);
        context.HandleResponse();
        return Problems.WriteAsync(context.HttpContext, StatusCodes.Status401Unauthorized, "the provider did not sign you in: try again");
    }

    // Sessions are read by the gate; ASP.NET Core only wants a scheme to be named.
    private sealed class NoHandler(
        Microsoft.Extensions.Options.IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, System.Text.Encodings.Web.UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());
    }
}
