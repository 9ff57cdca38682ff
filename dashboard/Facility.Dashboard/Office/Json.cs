using System.Text.Json.Nodes;

namespace Facility.Dashboard.Office;

/// <summary>Reading a document that is edited.</summary>
public static class Json
{
    public static string Text(this JsonObject thing, string key) => thing[key] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    public static IEnumerable<JsonObject> Things(this JsonObject thing, string key) => (thing[key] as JsonArray)?.OfType<JsonObject>() ?? [];

    /// <summary>The list of a key, made where there is none.</summary>
    public static JsonArray List(this JsonObject thing, string key)
    {
        if (thing[key] is not JsonArray list)
        {
            thing[key] = list = [];
        }

        return list;
    }

    /// <summary>The name of a thing, or else its code.</summary>
    public static string Named(this JsonObject thing) => thing.Text("name") is { Length: > 0 } name ? name : thing.Text("id") is { Length: > 0 } id ? id : "…";

    /// <summary>A code that no thing of a list has: <c>ruimte-3</c>.</summary>
    public static string FreeId(this JsonObject thing, string key, string stem)
    {
        var known = thing.Things(key).Select(t => t.Text("id")).ToHashSet();
        return Enumerable.Range(1, 1000).Select(n => $"{stem}-{n}").First(id => !known.Contains(id));
    }
}
