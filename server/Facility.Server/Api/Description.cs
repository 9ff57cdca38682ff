using Microsoft.OpenApi;

namespace Facility.Server.Api;

/// <summary>What the API's description (<c>/v1/openapi.json</c>) says beyond what routes say themselves: it, and its query keys.</summary>
internal static class Description
{
    private static readonly Dictionary<string, string> Keys = new()
    {
        ["from"] = "RFC 3339 time with an offset, inclusive; without it a day before to",
        ["to"] = "RFC 3339 time with an offset, exclusive; without it now",
        ["interval"] = "ISO 8601 duration of days, hours and minutes, such as PT15M, PT1H or P1D",
        ["zone"] = "a zone of the site that is not private, or site for their sum",
        ["basis"] = "live (as it was known then) or reconciled (with hindsight)",
    };

    public static IServiceCollection AddDescription(this IServiceCollection services, string version) =>
        services.AddOpenApi("v1", o => o.AddDocumentTransformer((document, _, _) =>
        {
            (document.Info.Title, document.Info.Version) = ("Facility", version);
            return Task.CompletedTask;
        }));

    /// <summary>The query keys that a route takes; all may be left out.</summary>
    public static RouteHandlerBuilder WithKeys(this RouteHandlerBuilder route, params string[] keys) =>
        route.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.Parameters ??= [];
            foreach (var key in keys)
            {
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = key,
                    In = ParameterLocation.Query,
                    Description = Keys[key],
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String },
                });
            }

            return Task.CompletedTask;
        });
}
