using System.Text.Json;
using System.Text.RegularExpressions;

namespace Facility.Tests.Unit.Api;

/// <summary>Something in a description that breaks a rule.</summary>
/// <param name="Rule">As the standard names it.</param>
internal sealed record Finding(string Rule, string Where);

/// <summary>
/// The Dutch API Design Rules (NLGov REST API Design Rules 2.1, <c>gitdocumentatie.logius.nl/publicatie/api/adr/2.1.0</c>) that an OpenAPI
/// description can be checked for. What only an answer shows is in <see cref="DesignRulesTests"/>.
/// </summary>
internal static partial class DesignRuleLint
{
    public static readonly IReadOnlyList<string> Rules =
    [
        "/core/doc-openapi", "/core/doc-openapi-contact", "/core/publish-openapi", "/core/uri-version", "/core/semver", "/core/version-header", "/core/transport/tls",
        "/core/no-trailing-slash", "/core/path-segments-kebab-case", "/core/query-keys-camel-case", "/core/naming-resources", "/core/naming-collections", "/core/interface-language",
        "/core/http-methods", "/core/http-safety", "/core/error-handling/problem-details", "/core/error-handling/invalid-input", "/core/date-time/format",
        "/core/date-time/date-omit-time-portion", "/core/transport/no-sensitive-uris",
    ];

    private static readonly string[] Methods = ["get", "post", "put", "delete", "patch"];
    private static readonly string[] NoMethod = ["parameters", "summary", "description", "servers", "$ref"];
    private static readonly string[] Verbs = ["get", "list", "create", "make", "add", "update", "set", "change", "delete", "remove", "acknowledge", "resolve", "send", "do", "check-out", "fetch", "find", "login", "logout"];
    private static readonly string[] Sensitive = ["password", "token", "secret", "bsn", "email", "name", "who", "key"];

    // Zones, not times.
    private static readonly string[] NoTimes = ["Portal.from", "Portal.to"];

    public static IReadOnlyList<Finding> Check(JsonElement document)
    {
        var findings = new List<Finding>();
        void Unless(bool holds, string rule, string where)
        {
            if (!holds)
            {
                findings.Add(new Finding(rule, where));
            }
        }

        Unless(Text(document, "openapi")?.StartsWith("3.", StringComparison.Ordinal) == true, "/core/doc-openapi", "openapi");
        foreach (var reference in References(document).Distinct().Where(r => !Resolves(document, r)))
        {
            Unless(false, "/core/doc-openapi", reference);
        }

        var info = Member(document, "info");
        Unless(Member(info, "contact") is { ValueKind: JsonValueKind.Object } contact && Text(contact, "name") is { Length: > 0 } && (Text(contact, "url") ?? Text(contact, "email")) is { Length: > 0 },
            "/core/doc-openapi-contact", "info.contact");
        Unless(Semver().IsMatch(Text(info, "version") ?? ""), "/core/semver", "info.version");
        var servers = Member(document, "servers") is { ValueKind: JsonValueKind.Array } all ? all.EnumerateArray().Select(s => Text(s, "url") ?? "").ToArray() : [];
        Unless(servers.Length > 0, "/core/uri-version", "servers");
        foreach (var server in servers)
        {
            Unless(Version().IsMatch(server), "/core/uri-version", server);
            Unless(Uri.TryCreate(server, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.IsLoopback), "/core/transport/tls", server);
        }

        var paths = Members(Member(document, "paths"));
        Unless(paths.Count > 0, "/core/doc-openapi", "paths");
        Unless(Member(Member(document, "paths"), "/openapi.json") is { ValueKind: JsonValueKind.Object } itself && Members(itself).Where(m => !NoMethod.Contains(m.Name)).Select(m => m.Name).SequenceEqual(["get"])
            && Responses(Member(itself, "get")).Any(r => Members(Member(r.Value, "headers")).Any(h => h.Name.Equals("access-control-allow-origin", StringComparison.OrdinalIgnoreCase))),
            "/core/publish-openapi", "/openapi.json");
        foreach (var path in paths)
        {
            CheckPath(path.Name, Unless);
            foreach (var operation in Members(path.Value).Where(m => !NoMethod.Contains(m.Name)))
            {
                CheckOperation(document, $"{operation.Name} {path.Name}", operation.Name, operation.Value, Unless);
            }
        }

        foreach (var schema in Members(Member(Member(document, "components"), "schemas")))
        {
            foreach (var property in Members(Member(schema.Value, "properties")))
            {
                CheckTime($"{schema.Name}.{property.Name}", property.Name, property.Value, Unless);
            }
        }

        return findings;
    }

    private static void CheckPath(string path, Action<bool, string, string> unless)
    {
        unless(path == "/" || !path.EndsWith('/'), "/core/no-trailing-slash", path);
        unless(Path().IsMatch(path.TrimEnd('/')), "/core/path-segments-kebab-case", path);
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < segments.Length; i++)
        {
            unless(!Verbs.Contains(segments[i]), "/core/naming-resources", path);
            unless(segments[i].All(char.IsAscii), "/core/interface-language", path);

            // A segment before a variable is a collection; one after it may be of one thing.
            unless(i + 1 == segments.Length || segments[i][0] == '{' || segments[i + 1][0] != '{' || segments[i].EndsWith('s'), "/core/naming-collections", path);
        }
    }

    private static void CheckOperation(JsonElement document, string where, string method, JsonElement operation, Action<bool, string, string> unless)
    {
        unless(Methods.Contains(method), "/core/http-methods", where);
        unless(method != "get" || Member(operation, "requestBody") is null, "/core/http-safety", where);
        var keys = Member(operation, "parameters") is { ValueKind: JsonValueKind.Array } all ? all.EnumerateArray().Where(p => Text(p, "in") == "query").ToArray() : [];
        foreach (var key in keys)
        {
            var name = Text(key, "name") ?? "";
            unless(CamelCase().IsMatch(name), "/core/query-keys-camel-case", $"{where}?{name}");
            unless(!Sensitive.Contains(name.ToLowerInvariant()), "/core/transport/no-sensitive-uris", $"{where}?{name}");
            CheckTime($"{where}?{name}", name, Member(key, "schema") ?? default, unless);
        }

        var responses = Responses(operation);
        unless(responses.Count > 0, "/core/doc-openapi", where);
        unless((keys.Length == 0 && Member(operation, "requestBody") is null) || responses.Any(r => r.Name == "400"), "/core/error-handling/invalid-input", where);
        foreach (var (status, response) in responses)
        {
            unless(Members(Member(response, "headers")).Any(h => h.Name.Equals("API-Version", StringComparison.OrdinalIgnoreCase)), "/core/version-header", $"{where} {status}");
            if (status[0] is '4' or '5')
            {
                var content = Members(Member(response, "content"));
                unless(content.Count == 1 && content[0].Name is "application/problem+json" && HasAll(document, Member(content[0].Value, "schema")), "/core/error-handling/problem-details", $"{where} {status}");
            }
        }
    }

    // A field whose name is of a time is one, in the form that the standard wants.
    private static void CheckTime(string where, string name, JsonElement schema, Action<bool, string, string> unless)
    {
        if (!TimeName().IsMatch(name) || NoTimes.Contains(where))
        {
            return;
        }

        var all = new[] { schema }.Concat(new[] { "oneOf", "anyOf" }.SelectMany(k => Member(schema, k) is { ValueKind: JsonValueKind.Array } any ? any.EnumerateArray().ToArray() : []))
            .Where(s => Text(s, "format") is not null).ToArray();
        var formats = all.Select(s => Text(s, "format")!).ToArray();
        unless(formats is ["date-time" or "date" or "time-local"] && IsText(all[0]), "/core/date-time/format", where);
        unless(!DateName().IsMatch(name) || formats is not ["date-time"], "/core/date-time/date-omit-time-portion", where);
    }

    private static bool IsText(JsonElement schema) => Text(schema, "type") == "string"
        || (Member(schema, "type") is { ValueKind: JsonValueKind.Array } types && types.EnumerateArray().Any(t => t.ValueEquals("string")));

    private static bool HasAll(JsonElement document, JsonElement? schema)
    {
        var resolved = schema is { } s && Text(s, "$ref") is { } reference ? Find(document, reference) : schema;
        return Member(resolved, "required") is { ValueKind: JsonValueKind.Array } required
            && new[] { "status", "title", "detail" }.All(f => required.EnumerateArray().Any(r => r.GetString() == f));
    }

    private static List<(string Name, JsonElement Value)> Responses(JsonElement? operation) => Members(Member(operation, "responses"));

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => p is { Name: "$ref", Value.ValueKind: JsonValueKind.String } ? [p.Value.GetString()!] : References(p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static bool Resolves(JsonElement document, string reference) => Find(document, reference) is not null;

    private static JsonElement? Find(JsonElement document, string reference)
    {
        JsonElement? at = reference.StartsWith("#/", StringComparison.Ordinal) ? document : null;
        foreach (var key in reference.Split('/').Skip(1))
        {
            at = Member(at, key.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal));
        }

        return at;
    }

    private static JsonElement? Member(JsonElement? element, string name) =>
        element is { ValueKind: JsonValueKind.Object } of && of.TryGetProperty(name, out var value) ? value : null;

    private static List<(string Name, JsonElement Value)> Members(JsonElement? element) =>
        element is { ValueKind: JsonValueKind.Object } of ? [.. of.EnumerateObject().Select(p => (p.Name, p.Value))] : [];

    private static string? Text(JsonElement? element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    [GeneratedRegex(@"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?$")]
    private static partial Regex Semver();

    [GeneratedRegex(@"/v[1-9]\d*$")]
    private static partial Regex Version();

    [GeneratedRegex(@"^(/(_?[a-z0-9]+([-.][a-z0-9]+)*|\{[a-zA-Z0-9]+\}))*$")]
    private static partial Regex Path();

    [GeneratedRegex("^[a-z]+([A-Z][a-z0-9]*|[0-9]+)*$")]
    private static partial Regex CamelCase();

    [GeneratedRegex("^(at|from|to|until|date|since|expires)$|(At|Until|Since|Seen|Date|Expires?)$")]
    private static partial Regex TimeName();

    [GeneratedRegex("^date$|(Date|Expires?)$")]
    private static partial Regex DateName();
}
