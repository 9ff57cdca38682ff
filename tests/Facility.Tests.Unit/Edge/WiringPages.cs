using System.Text.RegularExpressions;
using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;

namespace Facility.Tests.Unit.Edge;

/// <summary>What the wiring pages tell an installer is what the program takes.</summary>
public sealed partial class WiringPages
{
    private static readonly string Folder = Path.Combine(Path.GetDirectoryName(Places.Seeds.Folder)!, "edge/Facility.Edge/Pipeline/wiring");

    // GPIO number and place on the 40-pin header.
    private static readonly Dictionary<int, int> Header = new()
    {
        [2] = 3,
        [3] = 5,
        [4] = 7,
        [14] = 8,
        [15] = 10,
        [17] = 11,
        [18] = 12,
        [27] = 13,
        [22] = 15,
        [23] = 16,
        [24] = 18,
        [10] = 19,
        [9] = 21,
        [25] = 22,
        [11] = 23,
        [8] = 24,
        [7] = 26,
        [0] = 27,
        [1] = 28,
        [5] = 29,
        [6] = 31,
        [12] = 32,
        [13] = 33,
        [19] = 35,
        [16] = 36,
        [26] = 37,
        [20] = 38,
        [21] = 40,
    };

    private static readonly int[] Grounds = [6, 9, 14, 20, 25, 30, 34, 39];

    public static TheoryData<string> Pages() => [.. Directory.EnumerateFiles(Folder, "*.md").Select(file => Path.GetFileName(file)).Where(name => name != "README.md")];

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_has_a_configuration_that_is_read_and_pins_that_are_where_it_says(string page)
    {
        var text = File.ReadAllText(Path.Combine(Folder, page));
        var sensor = Assert.Single(Read(text));
        var drawn = Gpio().Matches(text).Select(m => (Gpio: int.Parse(m.Groups[1].Value, null), Pin: int.Parse(m.Groups[2].Value, null))).ToList();
        Assert.All(drawn, pin => Assert.Equal(Header[pin.Gpio], pin.Pin));
        Assert.All(Ground().Matches(text), m => Assert.Contains(int.Parse(m.Groups[1].Value, null), Grounds));
        Assert.Equal(sensor.Pins.Order(), drawn.Select(pin => pin.Gpio).Distinct().Except(sensor.File is null ? [] : [4]).Order());
        Assert.Contains("\nLimits\n", text, StringComparison.Ordinal);
        Assert.Contains("\nSources: ", text, StringComparison.Ordinal);
        Assert.Contains("**Cut wire", text, StringComparison.Ordinal);
        Assert.Contains($"]({page})", File.ReadAllText(Path.Combine(Folder, "README.md")), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_kind_of_sensor_and_of_counter_has_a_page()
    {
        var sensors = Directory.EnumerateFiles(Folder, "*.md").SelectMany(file => Read(File.ReadAllText(file))).ToList();
        Assert.Equal(EventKinds.OfSensors.Order(), sensors.Select(sensor => sensor.Kind).Distinct().Order());
        Assert.Equal(Enum.GetValues<Counter>(), sensors.Where(sensor => sensor.Kind == EventKinds.Passage).Select(sensor => sensor.Counter).Order());
    }

    [Fact]
    public void All_the_pages_together_are_one_configuration()
    {
        var entries = Directory.EnumerateFiles(Folder, "*.md").SelectMany(file => Snippet().Matches(File.ReadAllText(file))).Select(m => m.Groups[1].Value);
        Assert.Equal(11, Config(string.Join(",", entries)).Sensors.Count);
    }

    private static IReadOnlyList<SensorConfig> Read(string page) => [.. Snippet().Matches(page).SelectMany(m => Config(m.Groups[1].Value).Sensors)];

    private static EdgeConfig Config(string sensors) => ConfigReader.Read(
        $$"""{"site":"ratelaar","device":"ratelaar-01","broker":{"url":"mqtt://localhost"},"gpio":{"chip":"gpiochip0"},"sensors":[{{sensors}}]}""", simulate: false);

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"GPIO(\d+) \(pin (\d+)\)")]
    private static partial Regex Gpio();

    [GeneratedRegex(@"GND \(pin (\d+)\)")]
    private static partial Regex Ground();
}
