using System.Text.Json;
using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;

namespace Facility.Edge.Configuration;

/// <summary>Reads <c>edge.json</c> strictly: everything wrong is told at once, before anything starts.</summary>
internal static class ConfigReader
{
    // Already reported; not a second time as used twice.
    private const int BadPin = -1;

    private static readonly JsonDocumentOptions Options = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = true,
        CommentHandling = JsonCommentHandling.Skip,
        MaxDepth = 16,
    };

    private static readonly string[] Keys = ["site", "device", "broker", "topicPrefix", "data", "gpio", "sensors"];
    private static readonly string[] SensorKeys =
        ["id", "kind", "beams", "pin", "activeLow", "pull", "debounceMs", "holdSeconds", "file", "deadband", "maxIntervalSeconds"];

    /// <param name="simulate">Pins may be missing (they are given out), and <c>gpio</c> is not needed.</param>
    /// <exception cref="ConfigException">Everything that is wrong.</exception>
    public static EdgeConfig ReadFile(string path, bool simulate)
    {
        try
        {
            return Read(File.ReadAllText(path), simulate);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
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
        catch (JsonException e)
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

        var sensors = root["sensors"].Items("a list of sensors").Select(place => ReadSensor(place, simulate)).ToList();
        if (sensors.Count == 0 && root["sensors"].Value is not null)
        {
            root["sensors"].Report("at least one sensor");
        }

        CheckUnique(root["sensors"], sensors);
        return new EdgeConfig(
            Id(root["site"]),
            Id(root["device"]),
            BrokerReader.Read(root["broker"]),
            root["topicPrefix"].Text(
                "a topic without +, # and a slash at either end", t => t.Length is > 0 and <= 200 && t.IndexOfAny(['+', '#', '\0']) < 0 && t[0] != '/' && t[^1] != '/', Topics.DefaultPrefix),
            root["data"].Text("a folder", t => t.Length > 0, "./edge-data"),
            simulate && root["gpio"].Value is null ? null : ReadGpio(root["gpio"], sensors),
            simulate ? WithPins(sensors) : sensors);
    }

    private static string Id(JsonPlace place) => place.Text($"an id that matches {Ids.Pattern}, at most {Limits.IdLength} characters", t => Ids.IsValid(t));

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

    private static SensorConfig ReadSensor(JsonPlace place, bool simulate)
    {
        place.IsObject(SensorKeys);
        var kind = place["kind"].Text("one of " + string.Join(", ", EventKinds.OfSensors), t => EventKinds.OfSensors.Contains(t));
        string[] fits = kind switch
        {
            EventKinds.Passage => ["beams", "activeLow", "pull", "debounceMs"],
            EventKinds.Presence => ["pin", "activeLow", "pull", "debounceMs", "holdSeconds"],
            EventKinds.Temperature => ["file", "deadband", "maxIntervalSeconds"],
            "" => SensorKeys,
            _ => ["pin", "activeLow", "pull", "debounceMs"],
        };
        foreach (var key in SensorKeys.Except(fits).Where(key => key is not ("id" or "kind") && place[key].Value is not null))
        {
            place.Problems.Add($"{place[key].Path}: not for a sensor of kind {kind}; allowed are id, kind, {string.Join(", ", fits)}");
        }

        return new SensorConfig(Id(place["id"]), kind)
        {
            Pins = ReadPins(place, kind, simulate),
            ActiveLow = place["activeLow"].Flag(false),
            Pull = place["pull"].Text("\"up\", \"down\" or \"none\"", t => t is "up" or "down" or "none", "none") switch { "up" => Pull.Up, "down" => Pull.Down, _ => Pull.None },
            Debounce = TimeSpan.FromMilliseconds(place["debounceMs"].Number(0, 10_000, kind == EventKinds.Passage ? 2 : 20)),
            Hold = TimeSpan.FromSeconds(place["holdSeconds"].Number(0, 86_400, 60)),
            File = kind != EventKinds.Temperature || (simulate && place["file"].Value is null) ? null : place["file"].Text("a file of the kernel", t => t.Length > 0),
            Deadband = place["deadband"].Number(0, 100, 0.5),
            MaxInterval = TimeSpan.FromSeconds(place["maxIntervalSeconds"].Number(1, 86_400, 900)),
        };
    }

    private static List<int> ReadPins(JsonPlace place, string kind, bool simulate)
    {
        static int Pin(JsonPlace pin)
        {
            var before = pin.Problems.Count;
            var number = (int)pin.Number(0, 1023, null, whole: true);
            return pin.Problems.Count == before ? number : BadPin;
        }

        if (kind is EventKinds.Temperature or "")
        {
            return [];
        }

        var key = place[kind == EventKinds.Passage ? "beams" : "pin"];
        if (key.Value is null && simulate)
        {
            return [];
        }

        if (kind != EventKinds.Passage)
        {
            return [Pin(key)];
        }

        var beams = key.Items("two pins: that on the side of the portal's first zone, then the other").Select(Pin).ToList();
        if (beams.Count != 2 && key.Value is not null)
        {
            key.Report("two pins: that on the side of the portal's first zone, then the other");
        }

        return beams;
    }

    private static void CheckUnique(JsonPlace list, List<SensorConfig> sensors)
    {
        var ids = new Dictionary<string, int>();
        var pins = new Dictionary<int, string>();
        for (var i = 0; i < sensors.Count; i++)
        {
            if (sensors[i].Id.Length > 0 && !ids.TryAdd(sensors[i].Id, i))
            {
                list.Problems.Add($"sensors[{i}].id: \"{sensors[i].Id}\" is already sensors[{ids[sensors[i].Id]}]; each sensor has an id of its own");
            }

            for (var j = 0; j < sensors[i].Pins.Count; j++)
            {
                var (pin, path) = (sensors[i].Pins[j], sensors[i].Kind == EventKinds.Passage ? $"sensors[{i}].beams[{j}]" : $"sensors[{i}].pin");
                if (pin != BadPin && !pins.TryAdd(pin, path))
                {
                    list.Problems.Add($"{path}: pin {pin} is already {pins[pin]}; a pin is used once");
                }
            }
        }
    }

    private static List<SensorConfig> WithPins(List<SensorConfig> sensors)
    {
        var used = sensors.SelectMany(sensor => sensor.Pins).ToHashSet();
        var free = Enumerable.Range(0, int.MaxValue).Where(used.Add).GetEnumerator();
        int Next() => free.MoveNext() ? free.Current : 0;
        return [.. sensors.Select(sensor => sensor switch
        {
            { Pins.Count: > 0 } or { Kind: EventKinds.Temperature } => sensor,
            { Kind: EventKinds.Passage } => sensor with { Pins = [Next(), Next()] },
            _ => sensor with { Pins = [Next()] },
        })];
    }
}
