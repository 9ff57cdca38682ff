using Facility.Server.Places;

namespace Facility.Tests.Unit.Places;

public sealed class SitesFileTests
{
    [Fact]
    public void The_seeds_are_five_sites_with_nothing_to_warn_about()
    {
        var loaded = SitesFile.Load(Seeds.SitesPath);
        Assert.Equal(["batau", "doorslag", "galecop", "ratelaar", "componist"], loaded.Document.Sites.Select(s => s.Id));
        Assert.Empty(loaded.Warnings);
    }

    [Theory]
    [InlineData("\"capacity\": 250", "\"capacity\": -3", "$.sites[0].capacity: -3 is not allowed")]
    [InlineData("\"kind\": \"alarm\"", "\"kind\": \"smell\"", "\"smell\" is not allowed; one of passage")]
    [InlineData("\"timeZone\": \"Europe/Amsterdam\"", "\"timeZone\": \"Europe/Nieuwegein\"", "$.sites[0].timeZone: \"Europe/Nieuwegein\"")]
    [InlineData("\"to\": \"kitchen\"", "\"to\": \"cellar\"", "$.sites[0].portals[2].to: \"cellar\" is not allowed; a zone of the site: hall")]
    [InlineData("\"to\": \"kitchen\"", "\"to\": \"site\"", "portals[2].to: \"site\" is not allowed")]
    [InlineData("\"sensor\": \"main-door\"", "\"sensor\": \"aed-door\"", "\"aed-door\" is not allowed; a sensor of kind passage")]
    [InlineData("\"09:00-23:00\"", "\"9-23\"", "$.sites[0].openingHours.mon[0]: \"9-23\" is not allowed")]
    [InlineData("\"mon\"", "\"maandag\"", "mon, tue")]
    [InlineData("\"device\": \"batau-01\"", "\"device\": \"galecop-01\"", "a device is of one site")]
    [InlineData("\"name\": \"Hal\",", "", "name is required")]
    [InlineData("{", "{{", "not JSON at line 1")]
    public void A_broken_file_says_where_what_and_what_is_allowed(string old, string broken, string message)
    {
        var text = File.ReadAllText(Seeds.SitesPath);
        var at = text.IndexOf(old, StringComparison.Ordinal);
        var error = Assert.Throws<SitesFileException>(() => SitesFile.Read(text[..at] + broken + text[(at + old.Length)..], "sites.json"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_key_is_only_a_warning()
    {
        var text = File.ReadAllText(Seeds.SitesPath).Replace("\"name\": \"Hal\"", "\"name\": \"Hal\", \"colour\": \"red\"", StringComparison.Ordinal);
        Assert.Contains("$.sites[0].zones[0].colour", SitesFile.Read(text, "x").Warnings[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "rule": "crowdy" }""", "$.sites[0].rules[0].rule: \"crowdy\" is not allowed; one of aed-expired")]
    [InlineData("""{ "rule": "crowded", "limit": 900 }""", "$.sites[0].rules[0].limit: \"900\" is not allowed; 1 to 200 percent of the capacity")]
    [InlineData("""{ "rule": "fire", "limit": 3 }""", "none: this rule has no limit to set")]
    [InlineData("""{ "rule": "crowded", "zone": "cellar" }""", "rules[0].zone: \"cellar\" is not allowed; a zone of the site: site, hall")]
    [InlineData("""{ "rule": "crowded", "delaySeconds": -1 }""", "rules[0].delaySeconds: -1 is not allowed")]
    [InlineData("""{ "rule": "crowded", "when": "later" }""", "one of always, open, closed")]
    [InlineData("""{ "rule": "crowded", "hours": { "mon": ["09:00-09:00"] } }""", "rules[0].hours.mon")]
    [InlineData("""{ "rule": "fire" }, { "rule": "fire" }""", "$.sites[0].rules[1]: \"fire\" is not allowed; a rule stands once")]
    [InlineData("""{ "rule": "server-disk" }""", "those of the server stand in rules beside sites")]
    public void A_rule_that_is_set_wrongly_says_where_what_and_what_is_allowed(string rule, string message)
    {
        var text = File.ReadAllText(Seeds.SitesPath);
        var at = text.IndexOf("\"zones\":", StringComparison.Ordinal);
        var error = Assert.Throws<SitesFileException>(() => SitesFile.Read(text[..at] + $"\"rules\": [{rule}], " + text[at..], "sites.json"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_of_aed_must_be_listed()
    {
        var text = File.ReadAllText(Seeds.SitesPath);
        var at = text.IndexOf("\"minCelsius\"", StringComparison.Ordinal);
        text = text[..at] + "\"model\": \"zoll\", " + text[at..];
        Assert.Contains("an id of aedModels: there is none", Assert.Throws<SitesFileException>(() => SitesFile.Read(text, "x")).Message, StringComparison.Ordinal);
        var open = text.IndexOf('{', StringComparison.Ordinal) + 1;
        var listed = SitesFile.Read(text[..open] + """ "aedModels": [{ "id": "zoll", "minCelsius": 0, "maxCelsius": 50 }], "rules": [{ "rule": "server-disk", "limit": 10 }],""" + text[open..], "x");
        Assert.Empty(listed.Warnings);
        Assert.Equal(10, Domain.Alerts.AlertLimits.Of(new Domain.Places.SitePlans(listed.Document).Server, "server-disk", null).Limit);
    }
}
