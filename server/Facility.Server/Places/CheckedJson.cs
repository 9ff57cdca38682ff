using System.Text.Json;
using System.Text.Json.Nodes;
using Facility.Contracts.Rest;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Facility.Server.Places;

/// <summary>Reads a configuration file of ours: JSON, then its schema. A key that is not known is only a warning.</summary>
internal sealed class CheckedJson(string schemaResource, Func<string, Exception> refusal)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };
    private readonly Lazy<JsonSchema> _schema = new(() => ReadSchema(schemaResource));

    public string Load(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw refusal($"{path} cannot be read: {e.Message}");
        }
    }

    /// <returns>What a person should still look at.</returns>
    public List<string> Check(string json, string name)
    {
        JsonNode? root;
        try
        {
            root = JsonNode.Parse(json, documentOptions: Strict);
        }
        catch (JsonException e)
        {
            // The text of the exception repeats the place, counted from 0.
            var what = e.Message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0];
            throw refusal($"{name}: not JSON at line {e.LineNumber + 1}, position {e.BytePositionInLine + 1}: {what}");
        }

        var (problems, warnings) = Examine(root, json);
        Refuse(name, [.. problems.Select(p => p.ToString())]);
        return [.. warnings.Select(w => w.Text)];
    }

    /// <summary>The same, told and not thrown, for a text that is JSON.</summary>
    public (IReadOnlyList<ConfigurationProblem> Problems, IReadOnlyList<ConfigurationWarning> Warnings) Examine(string json) => Examine(JsonNode.Parse(json), json);

    private (IReadOnlyList<ConfigurationProblem> Problems, IReadOnlyList<ConfigurationWarning> Warnings) Examine(JsonNode? root, string json)
    {
        var warnings = new List<ConfigurationWarning>();
        FindUnknown(root, _schema.Value, "$", warnings);
        return ([.. _schema.Value.Validate(json).SelectMany(Leaves).Select(e => Describe(e, root)).Distinct()], warnings);
    }

    public void Refuse(string name, IReadOnlyCollection<string> problems)
    {
        if (problems.Count > 0)
        {
            throw refusal($"{name} is refused:{string.Concat(problems.Select(p => "\n  " + p))}");
        }
    }

    // An error inside a list's item hangs below an error of the item, which itself says nothing.
    private static IEnumerable<ValidationError> Leaves(ValidationError error) =>
        error is ChildSchemaValidationError child && child.Errors.Values.Any(e => e.Count > 0)
            ? child.Errors.Values.SelectMany(e => e).SelectMany(Leaves)
            : [error];

    private static ConfigurationProblem Describe(ValidationError error, JsonNode? root)
    {
        var path = "$" + (error.Path ?? "").Replace("#/", ".", StringComparison.Ordinal).Replace("#", "", StringComparison.Ordinal);
        var allowed = error.Kind switch
        {
            ValidationErrorKind.PropertyRequired => $"{error.Property} is required",
            ValidationErrorKind.NoAdditionalPropertiesAllowed =>
                $"known keys are {string.Join(", ", error.Schema.ActualSchema.ActualProperties.Keys)}",
            _ => Allowed(error.Schema.ActualSchema),
        };
        return new ConfigurationProblem(path, error.Kind == ValidationErrorKind.PropertyRequired ? null : Value(root, path), allowed);
    }

    private static string Allowed(JsonSchema schema)
    {
        var parts = new List<string>();
        if (schema.Type != JsonObjectType.None)
        {
            parts.Add($"a value of type {schema.Type.ToString().ToLowerInvariant()}");
        }

        if (schema.Enumeration.Count > 0)
        {
            parts.Add($"one of {string.Join(", ", schema.Enumeration)}");
        }

        Add(schema.Pattern, "of the pattern {0}");
        Add(schema.Minimum, "at least {0}");
        Add(schema.Maximum, "at most {0}");
        Add(schema.MinLength, "at least {0} characters");
        Add(schema.MaxLength, "at most {0} characters");
        Add(schema.MinItems > 0 ? schema.MinItems : null, "at least {0} items");
        return string.Join(", ", parts);

        void Add(object? limit, string text)
        {
            if (limit is not null)
            {
                parts.Add(text.Replace("{0}", Convert.ToString(limit, System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal));
            }
        }
    }

    private static string Value(JsonNode? root, string path)
    {
        var node = root;
        foreach (var step in path.Split(['.', '[', ']'], StringSplitOptions.RemoveEmptyEntries).Skip(1))
        {
            node = node switch
            {
                JsonArray list when int.TryParse(step, out var i) && i < list.Count => list[i],
                JsonObject map when map.TryGetPropertyValue(step, out var child) => child,
                _ => null,
            };
        }

        var text = node?.ToJsonString() ?? "null";
        return text.Length > 80 ? text[..80] + "..." : text;
    }

    private static void FindUnknown(JsonNode? node, JsonSchema schema, string path, List<ConfigurationWarning> warnings)
    {
        schema = schema.ActualSchema;
        if (node is JsonArray list && schema.Item is { } item)
        {
            for (var i = 0; i < list.Count; i++)
            {
                FindUnknown(list[i], item, $"{path}[{i}]", warnings);
            }
        }
        else if (node is JsonObject map && schema.ActualProperties.Count > 0)
        {
            foreach (var (key, child) in map)
            {
                if (schema.ActualProperties.TryGetValue(key, out var property))
                {
                    FindUnknown(child, property, $"{path}.{key}", warnings);
                }
                else if (key != "$schema")
                {
                    warnings.Add(new ConfigurationWarning(ConfigurationWarning.UnknownKey, $"{path}.{key}",
                        $"{path}.{key} is not known and is ignored; known keys are {string.Join(", ", schema.ActualProperties.Keys)}"));
                }
            }
        }
    }

    private static JsonSchema ReadSchema(string resource)
    {
        using var stream = typeof(CheckedJson).Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        return JsonSchema.FromJsonAsync(reader.ReadToEnd()).GetAwaiter().GetResult();
    }
}
