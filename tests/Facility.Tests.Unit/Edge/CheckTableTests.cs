using Facility.Edge.Check;
using Facility.Edge.Configuration;

namespace Facility.Tests.Unit.Edge;

public sealed class CheckTableTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    private static readonly EdgeConfig Config = ConfigReader.Read(
        """
        {"site":"ratelaar","device":"ratelaar-01","broker":{"url":"mqtts://broker"},"gpio":{},"sensors":[
          {"id":"main-door","kind":"passage","beams":[17,27],"activeLow":true},{"id":"aed","kind":"contact","pin":5},
          {"id":"hall-temp","kind":"temperature","file":"/x"},{"id":"aed-temp","kind":"temperature","file":"/y"}]}
        """,
        simulate: false);

    [Fact]
    public void It_shows_lines_temperatures_and_the_broker_in_columns()
    {
        var (door, aed) = (Config.Sensors[0], Config.Sensors[1]);
        CheckedLine[] lines =
        [
            new(door, door.Lines[0], Level: true, Changes: 12, Now.AddSeconds(-2.5)),
            new(door, door.Lines[1], Level: false),
            new(aed, aed.Lines[0], Level: true, Changes: 1, Now.AddSeconds(-125)),
        ];
        CheckedTemperature[] temperatures = [new(Config.Sensors[2], 21.44, null), new(Config.Sensors[3], null, "/y is not there")];
        Assert.Equal(
            [
                "sensor     kind     pin  level     volt  meaning  changes  last change",
                "main-door  passage  17   active    low   broken   12       2.5 s ago",
                "main-door  passage  27   inactive  high  free     0        never",
                "aed        contact  5    active    high  open     1        2 min 5 s ago",
                "hall-temp  temperature  21.4 °C",
                "aed-temp   temperature  cannot be read: /y is not there",
                "broker     mqtts://broker/  connecting ...",
            ],
            CheckTable.Render(lines, temperatures, Config.Broker.Url.ToString(), null, Now));
    }

    [Fact]
    public void A_narrow_terminal_cuts_its_rows() =>
        Assert.All(CheckTable.Render([], [], "mqtts://broker/", new CheckedBroker(true, new string('x', 100)), Now, width: 40), row => Assert.InRange(row.Length, 1, 40));
}
