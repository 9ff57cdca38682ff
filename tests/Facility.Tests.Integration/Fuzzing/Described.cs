using System.Text.Json;
using System.Text.Json.Nodes;

namespace Facility.Tests.Integration.Fuzzing;

/// <summary>One call of the API, as its description says.</summary>
/// <param name="Path">With variables in braces, such as <c>/v1/sites/{site}/occupancy</c>.</param>
/// <param name="Body">The schema of its JSON body; null where it has none.</param>
internal sealed record Call(string Method, string Path, IReadOnlyList<string> Keys, JsonElement? Body);

/// <summary>The served description of the API, to make calls of.</summary>
internal sealed class Described(JsonElement document)
{
    private static readonly string[] Texts = ["ratelaar", "hall", "site", "open", "day", "urgent", "piket", "Anna", "", "2026-11-24", "2026-11-24T09:00:00Z", "administrator", "note"];

    public IReadOnlyList<Call> Calls { get; } =
    [
        .. from path in document.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           where operation.Name is "get" or "post" or "put" or "delete" or "patch"
           select new Call(operation.Name.ToUpperInvariant(), path.Name.StartsWith("/v1/", StringComparison.Ordinal) ? path.Name : "/v1" + path.Name,
               operation.Value.TryGetProperty("parameters", out var all)
                   ? [.. all.EnumerateArray().Where(p => p.GetProperty("in").GetString() == "query").Select(p => p.GetProperty("name").GetString()!)] : [],
               operation.Value.TryGetProperty("requestBody", out var body) && body.GetProperty("content").TryGetProperty("application/json", out var json) && json.TryGetProperty("schema", out var schema)
                   ? schema : null),
    ];

    public IReadOnlyList<string> Keys => [.. Calls.SelectMany(c => c.Keys).Distinct()];

    /// <summary>A body that fits a schema, mostly.</summary>
    /// <param name="marker">Put into texts of people, to be found again.</param>
    public JsonNode? Make(Fuzz fuzz, JsonElement schema, string marker, int depth = 0)
    {
        if (depth > 6 || fuzz.Chance(0.03))
        {
            return Odd(fuzz);
        }

        if (schema.TryGetProperty("$ref", out var reference))
        {
            return document.GetProperty("components").GetProperty("schemas").TryGetProperty(reference.GetString()!.Split('/')[^1], out var known) ? Make(fuzz, known, marker, depth + 1) : null;
        }

        foreach (var any in new[] { "oneOf", "anyOf" })
        {
            if (schema.TryGetProperty(any, out var options))
            {
                return Make(fuzz, fuzz.Pick([.. options.EnumerateArray()]), marker, depth + 1);
            }
        }

        if (schema.TryGetProperty("properties", out var properties))
        {
            var made = new JsonObject();
            foreach (var property in properties.EnumerateObject().Where(_ => fuzz.Chance(0.85)))
            {
                made[property.Name] = property.Name is "note" or "who" && fuzz.Chance(0.9) ? marker + fuzz.Pick(["", "", "\n=1", "\u202e", "<b>"]) : Make(fuzz, property.Value, marker, depth + 1);
            }

            if (fuzz.Chance(0.05))
            {
                made[fuzz.Word()] = Odd(fuzz);
            }

            return made;
        }

        var type = schema.TryGetProperty("type", out var t) ? t.ValueKind == JsonValueKind.Array ? fuzz.Pick([.. t.EnumerateArray()]).GetString() : t.GetString() : null;
        return type switch
        {
            "array" => new JsonArray([.. Enumerable.Range(0, fuzz.Below(4)).Select(_ => schema.TryGetProperty("items", out var items) ? Make(fuzz, items, marker, depth + 1) : null)]),
            "integer" => fuzz.Pick([0, 1, 2, 7, -1, int.MaxValue]),
            "number" => fuzz.Pick([0, 1.5, -3, 1e300]),
            "boolean" => fuzz.Chance(0.5),
            "string" => fuzz.Chance(0.8) ? fuzz.Pick(Texts) : fuzz.Word(),
            _ => Odd(fuzz),
        };
    }

    private static JsonNode? Odd(Fuzz fuzz) => fuzz.Below(7) switch
    {
        0 => null,
        1 => fuzz.Below(1000) - 500,
        2 => 1e308,
        3 => new JsonArray(1, "a", new JsonObject()),
        4 => new JsonObject { ["a"] = new JsonArray() },
        5 => fuzz.Chance(0.5),
        _ => fuzz.Word(),
    };
}
