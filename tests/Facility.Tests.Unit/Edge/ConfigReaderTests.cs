using Facility.Edge.Configuration;

namespace Facility.Tests.Unit.Edge;

public class ConfigReaderTests
{
    private const string Good = """
        {"site":"ratelaar","device":"ratelaar-01","broker":{"url":"mqtt://localhost:1883"},"gpio":{"chip":"gpiochip0"},
         "sensors":[{"id":"main-door","kind":"passage","beams":[17,27]},{"id":"help","kind":"button","pin":19,"pull":"up"}]}
        """;

    [Fact]
    public void A_right_configuration_is_read()
    {
        var config = ConfigReader.Read(Good, simulate: false);
        Assert.Equal([17, 27], config.Sensors[0].Pins);
        Assert.Equal("facility/v1", config.TopicPrefix);
    }

    [Theory]
    [InlineData("\"pin\":19", "\"pin\":17", "sensors[1].pin: pin 17 is already sensors[0].beams[0]")]
    [InlineData("\"help\"", "\"main-door\"", "sensors[1].id: \"main-door\" is already sensors[0]")]
    [InlineData("\"pull\"", "\"pul\"", "sensors[1].pul: unknown key; allowed are id, kind, beams, pin")]
    [InlineData("\"up\"", "\"high\"", "sensors[1].pull: \"high\" is not allowed; allowed is \"up\", \"down\" or \"none\"")]
    [InlineData("\"button\"", "\"bell\"", "sensors[1].kind: \"bell\" is not allowed; allowed is one of passage, presence")]
    [InlineData("[17,27]", "[17]", "sensors[0].beams: [17] is not allowed")]
    [InlineData("\"pin\":19", "\"pin\":1.5", "sensors[1].pin: 1.5 is not allowed; allowed is a whole number from 0 to 1023")]
    [InlineData("\"pin\":19", "\"pin\":19,\"deadband\":1", "sensors[1].deadband: not for a sensor of kind button")]
    [InlineData("mqtt://", "http://", "broker.url: \"http://localhost:1883\" is not allowed")]
    [InlineData("\"ratelaar\"", "\"Ratelaar\"", "site: \"Ratelaar\" is not allowed")]
    [InlineData("\"device\":\"ratelaar-01\",", "", "device: missing; needed is an id")]
    [InlineData("{\"site\"", "{\"sites\":1,\"site\"", "sites: unknown key; allowed are site, device")]
    [InlineData("{\"site\"", "{{\"site\"", "not valid JSON")]
    public void A_mistake_is_told_with_its_place_and_what_is_allowed(string from, string to, string problem)
    {
        var e = Assert.Throws<ConfigException>(() => ConfigReader.Read(Good.Replace(from, to, StringComparison.Ordinal), simulate: false));
        Assert.Contains(e.Problems, p => p.StartsWith(problem, StringComparison.Ordinal));
        Assert.Single(e.Problems);
    }

    [Fact]
    public void A_simulation_gives_out_the_pins_that_are_missing()
    {
        var config = ConfigReader.Read(Good.Replace("\"beams\":[17,27]", "\"debounceMs\":5", StringComparison.Ordinal), simulate: true);
        Assert.Equal(3, config.Sensors.SelectMany(sensor => sensor.Pins).Distinct().Count());
    }
}
