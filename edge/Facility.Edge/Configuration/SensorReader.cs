using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;

namespace Facility.Edge.Configuration;

/// <summary>
/// Reads one entry of <c>sensors</c> in <c>edge.json</c>. Each has an <c>id</c>, a <c>kind</c> of the contract, and keys by kind:
/// <code>
/// passage      beams: [A, B]          two beams; A on the side of the portal's first zone. Events: passage +1 (A to B), -1, fault
///              pulses: [A, B]         a counter with a pulse line per direction. Events: passage +1 for A, -1 for B, fault
///              beam: A                one beam: direction unknown. Events: crossing 1 (not in the contract: stored, and not
///                                     counted), fault; never a passage
/// presence     pin                    PIR or mmWave output. Events: presence, fault (stuck)
///              holdSeconds            0 to 86400, 60: how long after the output ended presence ends
///              stuckSeconds           0 to 604800, 14400: active so long without a change is a fault; 0 is never
/// contact      pin                    active is open (AED cabinet: a door switch that closes with the door is active low)
/// present      pin                    active is in its place (AED in its cabinet)
/// tamper       pin                    active is tampered with
/// alarm        pin                    active is alarm (the fire panel's contact)
/// button       pin                    active is pressed. Without more: button 1 when pressed, 0 when released
///              cancelSeconds          1 to 60: each press is a call, button 1, that stands after the release, until a later
///                                     press lasts so long: button 0. The press that began a call never cancels it
/// temperature  file                   a file of the kernel (1-wire, hwmon, IIO). Events: temperature, fault
///              deadband               0 to 100, 0.5 degrees: what moved less is not told,
///              maxIntervalSeconds     1 to 86400, 900: until this long after the last
/// </code>
/// </summary>
/// <remarks>
/// A line is a pin number, or <c>{"pin": 17, "activeLow": true, "pull": "up", "debounceMs": 5}</c>; the last three may also stand
/// at the sensor, for all its lines. <c>activeLow</c> (false): a low voltage is active. <c>pull</c> (<c>"none"</c>): the chip's
/// own resistor, <c>"up"</c> or <c>"down"</c>. <c>debounceMs</c>: a shorter change is noise; 10 for beams (0 to 50; the longer of a
/// door's two holds for both), 5 for pulses, 20 for the rest (0 to 10000).
/// </remarks>
internal static class SensorReader
{
    // Reported already; not a second time as used twice.
    private const int BadPin = -1;

    // Left out in a simulation: given out later.
    private const int AnyPin = -2;

    private static readonly string[] CounterKeys = ["beams", "pulses", "beam"];
    private static readonly string[] LineKeys = ["activeLow", "pull", "debounceMs"];
    private static readonly string[] Keys =
        ["id", "kind", .. CounterKeys, "pin", .. LineKeys, "holdSeconds", "stuckSeconds", "cancelSeconds", "file", "deadband", "maxIntervalSeconds"];

    /// <param name="simulate">Lines and files may be missing.</param>
    public static SensorConfig Read(JsonPlace place, bool simulate)
    {
        place.IsObject(Keys);
        var kind = place["kind"].Text("one of " + string.Join(", ", EventKinds.OfSensors), t => EventKinds.OfSensors.Contains(t));
        string[] fits = kind switch
        {
            EventKinds.Passage => [.. CounterKeys, .. LineKeys],
            EventKinds.Presence => ["pin", .. LineKeys, "holdSeconds", "stuckSeconds"],
            EventKinds.Button => ["pin", .. LineKeys, "cancelSeconds"],
            EventKinds.Temperature => ["file", "deadband", "maxIntervalSeconds"],
            "" => Keys,
            _ => ["pin", .. LineKeys],
        };
        foreach (var key in Keys.Except(fits).Where(key => key is not ("id" or "kind") && place[key].Value is not null))
        {
            place.Problems.Add($"{place[key].Path}: not for a sensor of kind {kind}; allowed are id, kind, {string.Join(", ", fits)}");
        }

        var counter = place["pulses"].Value is not null ? Counter.Pulses : place["beam"].Value is not null ? Counter.OneBeam : Counter.TwoBeams;
        var stuck = place["stuckSeconds"].Number(0, 604_800, 14_400);
        return new SensorConfig(ConfigReader.Id(place["id"]), kind)
        {
            Counter = counter,
            Lines = ReadLines(place, kind, counter, simulate),
            Hold = TimeSpan.FromSeconds(place["holdSeconds"].Number(0, 86_400, 60)),
            Stuck = stuck == 0 ? null : TimeSpan.FromSeconds(stuck),
            Cancel = place["cancelSeconds"].Value is null ? null : TimeSpan.FromSeconds(place["cancelSeconds"].Number(1, 60, null)),
            File = kind != EventKinds.Temperature || (simulate && place["file"].Value is null) ? null : place["file"].Text("a file of the kernel", t => t.Length > 0),
            Deadband = place["deadband"].Number(0, 100, 0.5),
            MaxInterval = TimeSpan.FromSeconds(place["maxIntervalSeconds"].Number(1, 86_400, 900)),
        };
    }

    /// <summary>Reports what is used twice: an id, a pin.</summary>
    public static void CheckUnique(JsonPlace list, IReadOnlyList<SensorConfig> sensors)
    {
        var ids = new Dictionary<string, int>();
        var pins = new Dictionary<int, string>();
        for (var i = 0; i < sensors.Count; i++)
        {
            if (sensors[i].Id.Length > 0 && !ids.TryAdd(sensors[i].Id, i))
            {
                list.Problems.Add($"sensors[{i}].id: \"{sensors[i].Id}\" is already sensors[{ids[sensors[i].Id]}]; each sensor has an id of its own");
            }

            for (var j = 0; j < sensors[i].Lines.Count; j++)
            {
                var (pin, key) = (sensors[i].Lines[j].Pin, LinesKey(sensors[i].Kind, sensors[i].Counter));
                var path = $"sensors[{i}].{key}" + (key is "beams" or "pulses" ? $"[{j}]" : "");
                if (pin >= 0 && !pins.TryAdd(pin, path))
                {
                    list.Problems.Add($"{path}: pin {pin} is already {pins[pin]}; a pin is used once");
                }
            }
        }
    }

    /// <summary>Gives out pins to the lines that have none.</summary>
    public static IReadOnlyList<SensorConfig> WithPins(IReadOnlyList<SensorConfig> sensors)
    {
        var used = sensors.SelectMany(sensor => sensor.Pins).ToHashSet();
        var next = 0;
        int Free()
        {
            while (!used.Add(next))
            {
                next++;
            }

            return next;
        }

        return [.. sensors.Select(sensor => sensor with { Lines = [.. sensor.Lines.Select(line => line.Pin == AnyPin ? line with { Pin = Free() } : line)] })];
    }

    private static string LinesKey(string kind, Counter counter) => (kind, counter) switch
    {
        (EventKinds.Passage, Counter.Pulses) => "pulses",
        (EventKinds.Passage, Counter.OneBeam) => "beam",
        (EventKinds.Passage, _) => "beams",
        _ => "pin",
    };

    private static IReadOnlyList<PinLine> ReadLines(JsonPlace place, string kind, Counter counter, bool simulate)
    {
        if (kind is EventKinds.Temperature or "")
        {
            return [];
        }

        var others = CounterKeys.Where(key => key != LinesKey(kind, counter) && place[key].Value is not null).ToList();
        if (kind == EventKinds.Passage && others.Count > 0)
        {
            place.Problems.Add($"{place[others[0]].Path}: there is also {LinesKey(kind, counter)}; allowed is one of {string.Join(", ", CounterKeys)}");
        }

        var most = kind == EventKinds.Passage && counter != Counter.Pulses ? 50 : 10_000;
        var shared = ReadLine(place, new PinLine(AnyPin, Pull.None, false, TimeSpan.FromMilliseconds((kind, counter) switch
        {
            (EventKinds.Passage, Counter.Pulses) => 5,
            (EventKinds.Passage, _) => 10,
            _ => 20,
        })), most);
        var lines = place[LinesKey(kind, counter)];
        var pair = kind == EventKinds.Passage && counter != Counter.OneBeam;
        if (lines.Value is null && simulate)
        {
            return pair ? [shared, shared] : [shared];
        }

        if (!pair)
        {
            return [ReadPin(lines, shared, most)];
        }

        const string Two = "two lines: that of the portal's first zone, then the other";
        var both = lines.Items(Two).Select(line => ReadPin(line, shared, most)).ToList();
        if (both.Count != 2 && lines.Value is { ValueKind: System.Text.Json.JsonValueKind.Array })
        {
            lines.Report(Two);
        }

        // Alike, so that neither beam is told later than the other.
        var longest = both.Select(line => line.Debounce).DefaultIfEmpty().Max();
        return counter == Counter.TwoBeams ? [.. both.Select(line => line with { Debounce = longest })] : both;
    }

    private static PinLine ReadPin(JsonPlace place, PinLine shared, int mostDebounce)
    {
        var isObject = place.Value is { ValueKind: System.Text.Json.JsonValueKind.Object };
        if (isObject)
        {
            place.IsObject(["pin", .. LineKeys]);
        }

        var before = place.Problems.Count;
        var pin = (int)(isObject ? place["pin"] : place).Number(0, 1023, null, whole: true);
        return (isObject ? ReadLine(place, shared, mostDebounce) : shared) with { Pin = place.Problems.Count == before ? pin : BadPin };
    }

    private static PinLine ReadLine(JsonPlace place, PinLine otherwise, int mostDebounce) => otherwise with
    {
        ActiveLow = place["activeLow"].Flag(otherwise.ActiveLow),
        Pull = place["pull"].Value is null ? otherwise.Pull
            : place["pull"].Text("\"up\", \"down\" or \"none\"", t => t is "up" or "down" or "none") switch { "up" => Pull.Up, "down" => Pull.Down, _ => Pull.None },
        Debounce = TimeSpan.FromMilliseconds(place["debounceMs"].Number(0, mostDebounce, otherwise.Debounce.TotalMilliseconds)),
    };
}
