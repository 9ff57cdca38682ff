using System.Text.Json;
using System.Text.Json.Nodes;
using Facility.Contracts.Rest;

namespace Facility.Domain.Configuration;

/// <summary>
/// What differs between two documents. Things in a list are told apart by what names them, not by their place: a zone that moves up
/// has not changed.
/// </summary>
public static class Differences
{
    private const int Longest = 120;

    /// <summary>What names a thing of a list, the first that all of them have; two keys are one name together.</summary>
    private static readonly string[][] Names = [["id"], ["rule", "zone"], ["severity", "sites"], ["person", "from"], ["kind", "address"], ["from"], ["notify"]];

    public static IReadOnlyList<ConfigurationChange> Between(JsonNode? before, JsonNode? after)
    {
        var changes = new List<ConfigurationChange>();
        Compare("", before, after, changes);
        return changes;
    }

    private static void Compare(string path, JsonNode? before, JsonNode? after, List<ConfigurationChange> changes)
    {
        if (JsonNode.DeepEquals(before, after) || (IsNothing(before) && IsNothing(after)))
        {
            return;
        }

        if (before is JsonObject or null && after is JsonObject or null && (before ?? after) is JsonObject && (path.Length == 0 || (before is not null && after is not null)))
        {
            CompareKeys(path, AsMap(before), AsMap(after), changes);
        }
        else if (IsListOfThings(before) && IsListOfThings(after) && NameOf([.. Things(before), .. Things(after)]) is { } name
            && ByName(before, name) is { } old && ByName(after, name) is { } now)
        {
            CompareKeys(path, old, now, changes);
        }
        else
        {
            changes.Add(new ConfigurationChange(path, Said(before), Said(after)));
        }
    }

    private static void CompareKeys(string path, Dictionary<string, JsonNode?> before, Dictionary<string, JsonNode?> after, List<ConfigurationChange> changes)
    {
        foreach (var key in before.Keys.Union(after.Keys))
        {
            Compare(path.Length == 0 ? key : $"{path}.{key}", before.GetValueOrDefault(key), after.GetValueOrDefault(key), changes);
        }
    }

    private static bool IsNothing(JsonNode? node) => node is null or JsonArray { Count: 0 };

    private static bool IsListOfThings(JsonNode? node) => node is null || (node is JsonArray list && list.All(item => item is JsonObject));

    private static IEnumerable<JsonObject> Things(JsonNode? node) => (node as JsonArray)?.OfType<JsonObject>() ?? [];

    private static string[]? NameOf(IReadOnlyCollection<JsonObject> things) => Names.FirstOrDefault(name => things.All(t => t[name[0]] is not null));

    // Null where a name stands twice: then the list is compared as a whole.
    private static Dictionary<string, JsonNode?>? ByName(JsonNode? list, string[] name)
    {
        var named = new Dictionary<string, JsonNode?>();
        return Things(list).All(t => named.TryAdd(string.Join(' ', name.Select(key => t[key] is { } part ? Said(part) : null).OfType<string>()), t)) ? named : null;
    }

    private static Dictionary<string, JsonNode?> AsMap(JsonNode? node) => (node as JsonObject)?.ToDictionary(p => p.Key, p => p.Value) ?? [];

    private static string? Said(JsonNode? node)
    {
        var text = node switch
        {
            null => null,
            JsonArray list when list.All(i => i is JsonValue) => string.Join(", ", list.Select(Said)),
            JsonObject thing when thing["name"] is JsonValue name => Said(name),
            JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
            _ => node.ToJsonString(),
        };
        return text?.Length > Longest ? text[..Longest] + "…" : text;
    }
}
