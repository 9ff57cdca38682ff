using Microsoft.OpenApi;

namespace Facility.Server.Api;

/// <summary>What the API's description (<c>/v1/openapi.json</c>) says beyond what routes say themselves: it, and its query keys.</summary>
internal static class Description
{
    private static readonly Dictionary<string, string> Keys = new()
    {
        ["from"] = "RFC 3339 time with an offset, inclusive; without it the last day, or for trends the last weeks",
        ["to"] = "RFC 3339 time with an offset, exclusive; without it now",
        ["interval"] = "ISO 8601 duration, such as PT15M or PT1H; P1D, P1W and P1M are days, weeks (from Monday) and months of the site's own calendar",
        ["zone"] = "a zone of the site that is not private, or site for their sum",
        ["per"] = "day, week (from Monday) or month, of the site's own calendar",
        ["date"] = "a day such as 2026-11-24, at most 14 days ahead; without it today",
        ["weeks"] = "how many past weeks are normal, 3 to 52; without it 8",
        ["measure"] = "occupancy, or visits for the whole site",
        ["state"] = "open, acknowledged or resolved; without it all",
        ["site"] = "a site of GET /v1/sites; without it all",
        ["severity"] = "urgent or normal; without it urgent",
        ["at"] = "RFC 3339 time with an offset; without it now",
        ["basis"] = "live (as it was known then) or reconciled (with hindsight)",
    };

    // Keys whose values are times or days say so to who reads the description.
    private static readonly Dictionary<string, string> Formats = new() { ["from"] = "date-time", ["to"] = "date-time", ["at"] = "date-time", ["date"] = "date" };

    public static IServiceCollection AddDescription(this IServiceCollection services, string version) =>
        services.AddOpenApi("v1", o => o
            .AddSchemaTransformer((schema, context, _) =>
            {
                DesignRules.TellTimes(schema, context.JsonTypeInfo.Type);
                return Task.CompletedTask;
            })
            .AddDocumentTransformer((document, _, _) =>
            {
                (document.Info.Title, document.Info.Version) = ("Facility", version);
                DesignRules.Apply(document);
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
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String, Format = Formats.GetValueOrDefault(key) },
                });
            }

            return Task.CompletedTask;
        });
}
