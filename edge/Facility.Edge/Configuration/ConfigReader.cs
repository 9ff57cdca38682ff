using System.Text.Json;
using Facility.Contracts;
using Facility.Contracts.Mqtt;

namespace Facility.Edge.Configuration;

/// <summary>Reads <c>edge.json</c> strictly: everything wrong is told at once, before anything starts.</summary>
internal static class ConfigReader
{
    private static readonly JsonDocumentOptions Options = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 16,
    };

    private static readonly string[] Keys = ["site", "device", "broker", "topicPrefix", "data", "gpio", "sensors"];

    /// <param name="simulate">Pins may be missing (they are given out), and <c>gpio</c> is not needed.</param>
    /// <exception cref="ConfigException">Everything that is wrong.</exception>
    /// <exception cref="IOException">The disk did not give it this time.</exception>
    public static EdgeConfig ReadFile(string path, bool simulate)
    {
        try
        {
            return Read(File.ReadAllText(path), simulate);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new ConfigException([$"{path}: {e.Message}"]);
        }
    }

    public static EdgeConfig Read(string json, bool simulate)
    {
        var problems = new List<string>();
        try
        {
            using var document = JsonDocument.Parse(json, Options);
            var config = ReadRoot(new JsonPlace("$", document.RootElement, problems), simulate);
            return problems.Count == 0 ? config : throw new ConfigException(problems);
        }
        // Half a surrogate pair passes for JSON until its text is asked for.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ConfigException(["not valid JSON: " + e.Message]);
        }
    }

    private static EdgeConfig ReadRoot(JsonPlace root, bool simulate)
    {
        if (!root.IsObject(Keys))
        {
            return new EdgeConfig("", "", new BrokerConfig(new Uri("mqtt://localhost")), "", "", null, []);
        }

        var sensors = root["sensors"].Items("a list of sensors").Select(place => SensorReader.Read(place, simulate)).ToList();
        if (sensors.Count == 0 && root["sensors"].Value is not null)
        {
            root["sensors"].Report("at least one sensor");
        }

        SensorReader.CheckUnique(root["sensors"], sensors);
        return new EdgeConfig(
            Id(root["site"]),
            Id(root["device"]),
            BrokerReader.Read(root["broker"]),
            root["topicPrefix"].Text(
                "a topic without +, # and a slash at either end", t => t.Length is > 0 and <= 200 && t.IndexOfAny(['+', '#', '\0']) < 0 && t[0] != '/' && t[^1] != '/', Topics.DefaultPrefix),
            root["data"].Text("a folder", t => t.Length > 0, "./edge-data"),
            simulate && root["gpio"].Value is null ? null : ReadGpio(root["gpio"], sensors),
            simulate ? SensorReader.WithPins(sensors) : sensors);
    }

    public static string Id(JsonPlace place) => place.Text($"an id that matches {Ids.Pattern}, at most {Limits.IdLength} characters", t => Ids.IsValid(t));

    private static GpioConfig? ReadGpio(JsonPlace place, List<SensorConfig> sensors)
    {
        if (place.Value is null && sensors.All(sensor => sensor.Kind == EventKinds.Temperature))
        {
            return null;
        }

        place.IsObject("driver", "chip");
        return new GpioConfig(
            place["driver"].Text("\"kernel\" or \"system\"", t => t is "kernel" or "system", "kernel"), place["chip"].Text("a name or a label of a chip", t => t.Length > 0, "gpiochip0"));
    }
}
