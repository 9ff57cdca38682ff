using System.Text;
using System.Text.Json.Nodes;
using Facility.Edge.Configuration;
using Facility.Edge.Uplink;

namespace Facility.Tests.Unit.Edge;

public sealed class DiscoveryTests
{
    private const string EveryKind = """
        {"site":"ratelaar","device":"ratelaar-01","broker":{"url":"mqtt://localhost"},"sensors":[
          {"id":"main-door","kind":"passage"},{"id":"hall-pir","kind":"presence"},{"id":"aed-door","kind":"contact"},
          {"id":"aed-present","kind":"present"},{"id":"aed-tamper","kind":"tamper"},{"id":"help","kind":"button"},
          {"id":"fire-panel","kind":"alarm"},{"id":"hall-temp","kind":"temperature","maxIntervalSeconds":600}]}
        """;

    [Fact]
    public void The_message_of_every_kind_is_the_golden_one()
    {
        var golden = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Edge", "Golden", "discovery.json"));
        var written = Encoding.UTF8.GetString(Discovery.Write(Read(EveryKind), "1.4.0", [new Discovery.Gone("old-pir", "binary_sensor")]));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(golden), JsonNode.Parse(written)), written);
    }

    [Fact]
    public void What_an_earlier_message_showed_and_is_no_more_is_taken_away_once()
    {
        var before = Discovery.Write(Read(EveryKind), "1.4.0", [new Discovery.Gone("old-pir", "binary_sensor")]);
        var config = Read(EveryKind.Replace("hall-temp", "kitchen-temp", StringComparison.Ordinal).Replace("aed-tamper", "case-tamper", StringComparison.Ordinal));
        Assert.Equal([new Discovery.Gone("aed-tamper", "binary_sensor"), new Discovery.Gone("hall-temp", "sensor")], Discovery.GoneSince(before, config));
        Assert.Empty(Discovery.GoneSince(Discovery.Write(config, "1.4.0", Discovery.GoneSince(before, config)), config));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"components":[]}""")]
    [InlineData("""{"components":{"a":1,"b":{},"c":{"platform":"light","name":"c"},"d":{"platform":1,"name":"d"}}}""")]
    public void An_earlier_message_that_is_not_ours_shows_nothing(string earlier) =>
        Assert.Empty(Discovery.GoneSince(Encoding.UTF8.GetBytes(earlier), Read(EveryKind)));

    private static EdgeConfig Read(string json) => ConfigReader.Read(json, simulate: true);
}
