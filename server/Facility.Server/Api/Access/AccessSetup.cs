namespace Facility.Server.Api.Access;

/// <summary>Puts who may do what before the API.</summary>
internal static class AccessSetup
{
    public static IServiceCollection AddAccess(this IServiceCollection services) =>
        services.AddSingleton<Credentials>().AddSingleton<Sightings>().AddSingleton<AccessGate>();

    /// <summary>After routing, before endpoints.</summary>
    public static void UseAccess(this IApplicationBuilder app)
    {
        var gate = app.ApplicationServices.GetRequiredService<AccessGate>();
        app.Use(gate.PassAsync);
    }

    public static void MapAccess(this IEndpointRouteBuilder v1)
    {
        v1.MapSession();
        v1.MapTokens();
        v1.MapAudit();
    }
}
