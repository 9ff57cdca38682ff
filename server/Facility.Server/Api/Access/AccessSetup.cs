using Facility.Server.Ports;
using Microsoft.AspNetCore.Authentication;

namespace Facility.Server.Api.Access;

/// <summary>Puts who may do what before the API.</summary>
internal static class AccessSetup
{
    public static IServiceCollection AddAccess(this IServiceCollection services) =>
        services
        .AddSingleton<Credentials>().AddSingleton<Sightings>().AddSingleton<AccessGate>().AddSingleton<ApiLimit>().AddSingleton<SignInLimits>()
        .AddScoped(s => new SignInState(s.GetRequiredService<IAccounts>(), s.GetService<OpenIdOptions>()))
        .AddSingleton<LiveGuard>();

    /// <summary>After routing, before endpoints.</summary>
    public static void UseAccess(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetService<IAuthenticationSchemeProvider>() is not null)
        {
            // The answers of the organisation's own provider.
            app.UseAuthentication();
        }

        var gate = app.ApplicationServices.GetRequiredService<AccessGate>();
        app.Use(gate.PassAsync);
    }

    public static void MapAccess(this IEndpointRouteBuilder v1)
    {
        v1.MapSession();
        v1.MapOpenId();
        v1.MapInvitations();
        v1.MapAccounts();
        v1.MapTokens();
        v1.MapAudit();
    }
}
