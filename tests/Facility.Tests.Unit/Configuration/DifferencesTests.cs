using System.Text.Json.Nodes;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Configuration;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Configuration;

public sealed class DifferencesTests
{
    [Theory]
    [InlineData("""{"sites":[{"id":"a","capacity":100}]}""", """{"sites":[{"id":"a","capacity":120}]}""", "sites.a.capacity was 100 and becomes 120")]
    [InlineData("""{"sites":[{"id":"a"},{"id":"b"}]}""", """{"sites":[{"id":"b"},{"id":"a"}]}""", "")]
    [InlineData("""{"sites":[{"id":"a","name":"Zuid"}]}""", """{"sites":[]}""", "sites.a is taken away; it was Zuid")]
    [InlineData("""{"sites":[]}""", """{"sites":[{"id":"a","name":"Zuid"}]}""", "sites.a is added: Zuid")]
    [InlineData("""{}""", """{"rules":[]}""", "")]
    [InlineData("""{}""", """{"rules":[{"rule":"crowded","limit":90}]}""", """rules.crowded is added: {"rule":"crowded","limit":90}""")]
    [InlineData("""{"rules":[{"rule":"crowded","limit":80},{"rule":"crowded","zone":"hall","limit":90}]}""",
        """{"rules":[{"rule":"crowded","zone":"hall","limit":95},{"rule":"crowded","limit":80}]}""", "rules.crowded hall.limit was 90 and becomes 95")]
    [InlineData("""{"h":{"mon":["09:00-17:00"]}}""", """{"h":{"mon":["09:00-12:00","13:00-17:00"]}}""", "h.mon was 09:00-17:00 and becomes 09:00-12:00, 13:00-17:00")]
    [InlineData("""{"d":["2026-12-25"]}""", """{"d":["2026-12-25","2027-01-01"]}""", "d was 2026-12-25 and becomes 2026-12-25, 2027-01-01")]
    [InlineData("""{"x":[{"id":"a"},{"id":"a"}]}""", """{"x":[{"id":"a"}]}""", """x was [{"id":"a"},{"id":"a"}] and becomes [{"id":"a"}]""")]
    public void A_difference_is_said_by_what_it_is_about(string before, string after, string says) =>
        Assert.Equal(says, string.Join('\n', Differences.Between(JsonNode.Parse(before), JsonNode.Parse(after)).Select(c => c.Text)));

    [Fact]
    public void What_disappears_becomes_visible_or_no_longer_alarms_is_warned_of()
    {
        var before = Seeds.Sites;
        var site = before.Sites[0];
        var after = before with
        {
            Sites =
            [
                site with
                {
                    Portals = [.. site.Portals.Where(p => p.From != Site.Outside)],
                    Sensors = [.. site.Sensors.Where(s => s.Id != "help-button")],
                    Zones = [.. site.Zones.Where(z => z.Id != "nook").Select(z => z with { Private = false })],
                    Rules = [new RuleSetting("fire", On: false), new RuleSetting("crowded", On: false)],
                },
                .. before.Sites.Skip(2),
            ],
        };
        Assert.Equal(
            [
                $"{ConfigurationWarning.ZoneGone} sites.batau.zones.nook", $"{ConfigurationWarning.NoLongerPrivate} sites.batau.zones.consult-1",
                $"{ConfigurationWarning.NoLongerPrivate} sites.batau.zones.consult-2", $"{ConfigurationWarning.SensorGone} sites.batau.sensors.help-button",
                $"{ConfigurationWarning.SiteGone} sites.doorslag", $"{ConfigurationWarning.NoOuterDoor} sites.batau.portals", $"{ConfigurationWarning.RuleOff} sites.batau.rules.fire",
            ],
            SitesWarnings.Of(before, after).Select(w => $"{w.Code} {w.Path}"));
        Assert.Empty(SitesWarnings.Of(before, before));
    }

    [Fact]
    public void A_device_that_loses_its_last_sensor_is_one_warning()
    {
        var before = Seeds.Sites;
        var after = before with { Sites = [before.Sites[0] with { Sensors = [new Sensor("main-door", "batau-02", "passage")] }, .. before.Sites.Skip(1)] };
        Assert.Equal(["device-gone sites.batau.devices.batau-01"], SitesWarnings.Of(before, after).Select(w => $"{w.Code} {w.Path}"));
    }
}
