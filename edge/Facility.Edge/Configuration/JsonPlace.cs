using System.Text.Json;

namespace Facility.Edge.Configuration;

/// <summary>A value in the configuration file and its path, so that every problem says where it is.</summary>
internal readonly record struct JsonPlace(string Path, JsonElement? Value, List<string> Problems)
{
    public JsonPlace this[string key] => new(
        Path == "$" ? key : $"{Path}.{key}",
        Value is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(key, out var v) && v.ValueKind != JsonValueKind.Null ? v : null,
        Problems);

    /// <summary>Whether it is an object with these keys alone.</summary>
    public bool IsObject(params string[] allowed)
    {
        if (Value is not { ValueKind: JsonValueKind.Object } o)
        {
            Report("an object with the keys " + string.Join(", ", allowed));
            return false;
        }

        foreach (var property in o.EnumerateObject().Where(property => !allowed.Contains(property.Name)))
        {
            Problems.Add($"{this[property.Name].Path}: unknown key; allowed are {string.Join(", ", allowed)}");
        }

        return true;
    }

    public string Text(string allowed, Func<string, bool> isAllowed, string? otherwise = null)
    {
        if (Value is null && otherwise is not null)
        {
            return otherwise;
        }

        if (Value is { ValueKind: JsonValueKind.String } v && v.GetString() is { } text && isAllowed(text))
        {
            return text;
        }

        Report(allowed);
        return otherwise ?? "";
    }

    public double Number(double least, double most, double? otherwise, bool whole = false)
    {
        if (Value is null && otherwise is not null)
        {
            return otherwise.Value;
        }

        if (Value is { ValueKind: JsonValueKind.Number } v && v.TryGetDouble(out var number) && number >= least && number <= most
            && (!whole || Math.Truncate(number) == number))
        {
            return number;
        }

        Report($"{(whole ? "a whole number" : "a number")} from {least} to {most}");
        return otherwise ?? least;
    }

    public bool Flag(bool otherwise)
    {
        if (Value is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
        {
            Report("true or false");
        }

        return Value?.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => otherwise };
    }

    public IReadOnlyList<JsonPlace> Items(string allowed)
    {
        if (Value is not { ValueKind: JsonValueKind.Array } list)
        {
            Report(allowed);
            return [];
        }

        var (path, problems) = (Path, Problems);
        return [.. list.EnumerateArray().Select((item, i) => new JsonPlace($"{path}[{i}]", item, problems))];
    }

    public void Report(string allowed)
    {
        var raw = Value?.GetRawText() ?? "";
        Problems.Add(Value is null
            ? $"{Path}: missing; needed is {allowed}"
            : $"{Path}: {(raw.Length > 80 ? raw[..80] + "..." : raw)} is not allowed; allowed is {allowed}");
    }
}
