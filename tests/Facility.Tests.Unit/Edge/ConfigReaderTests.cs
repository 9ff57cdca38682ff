using Facility.Edge.Configuration;
using Facility.Edge.Ports;

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
    [InlineData("\"pull\"", "\"pul\"", "sensors[1].pul: unknown key; allowed are id, kind, beams, pulses, beam, pin")]
    [InlineData("\"up\"", "\"high\"", "sensors[1].pull: \"high\" is not allowed; allowed is \"up\", \"down\" or \"none\"")]
    [InlineData("\"button\"", "\"bell\"", "sensors[1].kind: \"bell\" is not allowed; allowed is one of passage, presence")]
    [InlineData("[17,27]", "[17]", "sensors[0].beams: [17] is not allowed")]
    [InlineData("\"pin\":19", "\"pin\":1.5", "sensors[1].pin: 1.5 is not allowed; allowed is a whole number from 0 to 1023")]
    [InlineData("\"pin\":19", "\"pin\":19,\"deadband\":1", "sensors[1].deadband: not for a sensor of kind button")]
    [InlineData("[17,27]", "[17,{\"pin\":27,\"pull\":\"in\"}]", "sensors[0].beams[1].pull: \"in\" is not allowed; allowed is \"up\", \"down\" or \"none\"")]
    [InlineData("[17,27]", "[17,{\"pin\":27,\"hold\":1}]", "sensors[0].beams[1].hold: unknown key; allowed are pin, activeLow, pull, debounceMs")]
    [InlineData("[17,27]", "[17,27],\"debounceMs\":60", "sensors[0].debounceMs: 60 is not allowed; allowed is a number from 0 to 50")]
    [InlineData("[17,27]", "[17,27],\"pulses\":[1,2]", "sensors[0].beams: there is also pulses; allowed is one of beams, pulses, beam")]
    [InlineData("\"beams\":[17,27]", "\"debounceMs\":1", "sensors[0].beams: missing; needed is two lines")]
    [InlineData("\"pin\":19", "\"pin\":19,\"cancelSeconds\":0", "sensors[1].cancelSeconds: 0 is not allowed; allowed is a number from 1 to 60")]
    [InlineData("\"pin\":19", "\"pin\":19,\"stuckSeconds\":9", "sensors[1].stuckSeconds: not for a sensor of kind button")]
    [InlineData("mqtt://", "http://", "broker.url: \"http://localhost:1883\" is not allowed")]
    [InlineData("\"ratelaar\"", "\"Ratelaar\"", "site: \"Ratelaar\" is not allowed")]
    [InlineData("\"device\":\"ratelaar-01\",", "", "device: missing; needed is an id")]
    [InlineData("{\"site\"", "{\"sites\":1,\"site\"", "sites: unknown key; allowed are site, device")]
    [InlineData("{\"site\"", "{{\"site\"", "not valid JSON")]
    [InlineData("\"help\"", "\"\\ud800\"", "not valid JSON")]
    public void A_mistake_is_told_with_its_place_and_what_is_allowed(string from, string to, string problem)
    {
        var e = Assert.Throws<ConfigException>(() => ConfigReader.Read(Good.Replace(from, to, StringComparison.Ordinal), simulate: false));
        Assert.Contains(e.Problems, p => p.StartsWith(problem, StringComparison.Ordinal));
        Assert.Single(e.Problems);
    }

    [Fact]
    public void Each_line_has_its_own_pull_level_and_debounce_or_those_of_its_sensor()
    {
        var sensors = ConfigReader.Read(
            """
            {"site":"s","device":"d","broker":{"url":"mqtt://localhost"},"gpio":{},"sensors":[
             {"id":"door","kind":"passage","beams":[{"pin":1,"activeLow":true,"debounceMs":4},2],"pull":"up"},
             {"id":"counter","kind":"passage","pulses":[3,{"pin":4,"pull":"down"}],"activeLow":true},
             {"id":"single","kind":"passage","beam":5},
             {"id":"radar","kind":"presence","pin":{"pin":6,"debounceMs":500},"holdSeconds":10,"stuckSeconds":0},
             {"id":"help","kind":"button","pin":7,"cancelSeconds":5}]}
            """,
            simulate: false).Sensors;
        var ms = (double x) => TimeSpan.FromMilliseconds(x);

        // The beams of a door are debounced alike, by the longer.
        Assert.Equal([new PinLine(1, Pull.Up, true, ms(10)), new PinLine(2, Pull.Up, false, ms(10))], sensors[0].Lines);
        Assert.Equal([new PinLine(3, Pull.None, true, ms(5)), new PinLine(4, Pull.Down, true, ms(5))], sensors[1].Lines);
        Assert.Equal((Counter.TwoBeams, Counter.Pulses, Counter.OneBeam), (sensors[0].Counter, sensors[1].Counter, sensors[2].Counter));
        Assert.Equal([new PinLine(6, Pull.None, false, ms(500))], sensors[3].Lines);
        Assert.Equal((null, ms(14_400_000), ms(5000)), (sensors[3].Stuck, sensors[0].Stuck, sensors[4].Cancel));
    }

    [Fact]
    public void A_simulation_gives_out_the_pins_that_are_missing()
    {
        var config = ConfigReader.Read(Good.Replace("\"beams\":[17,27]", "\"debounceMs\":5", StringComparison.Ordinal), simulate: true);
        Assert.Equal(3, config.Sensors.SelectMany(sensor => sensor.Pins).Distinct().Count());
    }
}
