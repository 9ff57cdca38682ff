using Microsoft.OpenApi;

namespace Facility.Server.Api;

/// <summary>
/// What the Dutch API Design Rules (NLGov 2.1) want of the description and routes do not say themselves: the version in the servers'
/// addresses, who to ask, the description's own place, the header and the problems of every answer.
/// </summary>
internal static class DesignRules
{
    private const string BasePath = "/v1";
    private const string Problem = "application/problem+json";

    public static void Apply(OpenApiDocument document)
    {
        var root = document.Servers?.FirstOrDefault()?.Url?.TrimEnd('/') ?? "";
        document.Info.Description =
            "Hoe druk het is in de gebouwen, wat aandacht vraagt en wie dienst heeft. De woorden zijn Engels; het contract noemt bij elk het Nederlandse.";
        document.Info.Contact = new OpenApiContact { Name = "De beheerder van deze server", Url = new Uri(root + "/privacy", UriKind.RelativeOrAbsolute) };
        document.Servers = [new OpenApiServer { Url = root + BasePath }];
        var paths = new OpenApiPaths();
        foreach (var (path, item) in document.Paths)
        {
            // The base path is in the server's address: https://example.nl/v1 and /sites.
            paths[path.StartsWith(BasePath + "/", StringComparison.Ordinal) ? path[BasePath.Length..] : path] = item;
        }

        paths["/openapi.json"] = Itself();
        document.Paths = paths;
        foreach (var operation in paths.Values.SelectMany(p => p.Operations ?? []).Select(o => o.Value))
        {
            Complete(document, operation);
        }

        if (document.Components?.Schemas?.TryGetValue("ProblemDetails", out var schema) == true && schema is OpenApiSchema problem)
        {
            problem.Required = new HashSet<string> { "status", "title", "detail" };
        }
    }

    /// <summary>Times have a converter of their own, of which nobody can tell what it writes.</summary>
    public static void TellTimes(OpenApiSchema schema, Type type)
    {
        if ((Nullable.GetUnderlyingType(type) ?? type) == typeof(DateTimeOffset))
        {
            schema.Type = JsonSchemaType.String | (type == typeof(DateTimeOffset) ? 0 : JsonSchemaType.Null);
            schema.Format = "date-time";
        }
    }

    private static void Complete(OpenApiDocument document, OpenApiOperation operation)
    {
        operation.Responses ??= [];
        var isAsked = operation.RequestBody is not null || operation.Parameters?.Any(p => p.In == ParameterLocation.Query) == true;
        if (isAsked && !operation.Responses.ContainsKey("400"))
        {
            operation.Responses["400"] = new OpenApiResponse
            {
                Description = "Bad Request",
                Content = new Dictionary<string, OpenApiMediaType> { [Problem] = new() { Schema = new OpenApiSchemaReference("ProblemDetails", document) } },
            };
        }

        foreach (var response in operation.Responses.Values.OfType<OpenApiResponse>())
        {
            response.Headers ??= new Dictionary<string, IOpenApiHeader>();
            response.Headers.TryAdd("API-Version", new OpenApiHeader
            {
                Description = "the full version of the API",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    private static OpenApiPathItem Itself()
    {
        var answer = new OpenApiResponse
        {
            Description = "OK",
            Headers = new Dictionary<string, IOpenApiHeader>
            {
                ["access-control-allow-origin"] = new OpenApiHeader { Description = "* : any page may read it", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
            Content = new Dictionary<string, OpenApiMediaType> { ["application/json"] = new() { Schema = new OpenApiSchema { Type = JsonSchemaType.Object } } },
        };
        return new OpenApiPathItem
        {
            Operations = new Dictionary<HttpMethod, OpenApiOperation>
            {
                [HttpMethod.Get] = new() { Summary = "This description", Responses = new OpenApiResponses { ["200"] = answer } },
            },
        };
    }
}
