using System.Text.Json.Nodes;

namespace Facility.Tests.Unit.Api;

/// <summary>The lint of the Dutch API Design Rules finds each rule broken, and nothing in a document that keeps all.</summary>
public sealed class DesignRulesTests
{
    private const string Good = """
        {"openapi":"3.1.1","info":{"title":"T","version":"1.2.3","contact":{"name":"N","url":"https://example.nl"}},"servers":[{"url":"https://example.nl/v1"}],
        "paths":{
          "/openapi.json":{"get":{"responses":{"200":{"description":"","headers":{"API-Version":{},"access-control-allow-origin":{}}}}}},
          "/own-things/{id}":{"get":{"parameters":[{"in":"query","name":"fromWhen","schema":{}},{"in":"query","name":"from","schema":{"type":"string","format":"date-time"}}],"responses":{
            "200":{"description":"","headers":{"API-Version":{}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}},
            "400":{"description":"","headers":{"API-Version":{}},"content":{"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}}}}},
        "components":{"schemas":{"Problem":{"required":["title","status","detail"]},"Thing":{"properties":{"openedAt":{"type":"string","format":"date-time"},"padsExpire":{"type":"string","format":"date"}}}}}}
        """;

    private static readonly Dictionary<string, string[]> Broken = new()
    {
        ["/core/doc-openapi"] = ["\"3.1.1\"=>\"2.0\"", "schemas/Thing\"=>schemas/Nothing\""],
        ["/core/doc-openapi-contact"] = ["\"contact\"=>\"kontakt\"", "\"name\":\"N\"=>\"name\":\"\""],
        ["/core/publish-openapi"] = ["/openapi.json\":{\"get\"=>/openapi.json\":{\"post\"", ",\"access-control-allow-origin\":{}=>"],
        ["/core/uri-version"] = ["/v1\"=>\"", "/v1\"=>/v1.2\""],
        ["/core/semver"] = ["\"1.2.3\"=>\"1.2\"", "\"1.2.3\"=>\"v1.2.3\""],
        ["/core/version-header"] = ["\"headers\":{\"API-Version\":{}},\"content\":{\"application/json\"=>\"content\":{\"application/json\""],
        ["/core/transport/tls"] = ["https://example.nl/v1=>http://example.nl/v1"],
        ["/core/no-trailing-slash"] = ["/{id}\"=>/{id}/\""],
        ["/core/path-segments-kebab-case"] = ["/own-things=>/ownThings", "/own-things=>/own_things"],
        ["/core/query-keys-camel-case"] = ["fromWhen=>from-when", "fromWhen=>FromWhen"],
        ["/core/naming-resources"] = ["/{id}\"=>/{id}/acknowledge\""],
        ["/core/naming-collections"] = ["/own-things=>/own-thing"],
        ["/core/interface-language"] = ["/own-things=>/spëcials"],
        ["/core/http-methods"] = ["\"/own-things/{id}\":{\"get\"=>\"/own-things/{id}\":{\"trace\""],
        ["/core/http-safety"] = ["\"parameters\":[=>\"requestBody\":{},\"parameters\":["],
        ["/core/error-handling/problem-details"] = ["application/problem+json=>application/json", "\"title\",\"status\",\"detail\"=>\"title\",\"status\""],
        ["/core/error-handling/invalid-input"] = ["\"400\"=>\"404\""],
        ["/core/date-time/format"] = ["\"openedAt\":{\"type\":\"string\",\"format\":\"date-time\"}=>\"openedAt\":{\"type\":\"string\"}", "\"openedAt\":{\"type\":\"string\",=>\"openedAt\":{", "\"from\",\"schema\":{\"type\":\"string\",\"format\":\"date-time\"}=>\"from\",\"schema\":{}"],
        ["/core/date-time/date-omit-time-portion"] = ["\"format\":\"date\"=>\"format\":\"date-time\""],
        ["/core/transport/no-sensitive-uris"] = ["fromWhen=>token"],
    };

    public static TheoryData<string, string> Changes() => [.. Broken.SelectMany(rule => rule.Value.Select(change => (rule.Key, change)))];

    [Fact]
    public void A_document_that_keeps_all_rules_has_no_finding() => Assert.Equal([], Check(Good));

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_document_that_breaks_a_rule_has_a_finding_of_its_name(string rule, string change)
    {
        var parts = change.Split("=>");
        var broken = Good.Replace(parts[0], parts[1], StringComparison.Ordinal);
        Assert.NotEqual(Good, broken);
        Assert.Contains(rule, Check(broken).Select(f => f.Rule));
    }

    [Fact]
    public void Every_rule_is_tried() => Assert.Equal(DesignRuleLint.Rules.Order(), Broken.Keys.Order());

    internal static IReadOnlyList<Finding> Check(string document) => DesignRuleLint.Check(System.Text.Json.JsonSerializer.SerializeToElement(JsonNode.Parse(document)));
}
