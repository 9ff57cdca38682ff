using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;
using Facility.Edge.Ports;

namespace Facility.Edge.Check;

/// <summary>A line as it was seen since the check began.</summary>
/// <param name="Level">True is active.</param>
/// <param name="Changes">As the pins give them: after the kernel's debounce, where the pins debounce.</param>
internal sealed record CheckedLine(SensorConfig Sensor, PinLine Line, bool Level, long Changes = 0, DateTimeOffset? Last = null)
{
    /// <summary>What a voltmeter would say.</summary>
    public string Voltage => Level != Line.ActiveLow ? "high" : "low";

    public string Active => Level ? "active" : "inactive";

    /// <summary>What the level says to a person who stands at the sensor.</summary>
    public string Meaning => (Sensor.Kind, Level) switch
    {
        (EventKinds.Passage, true) => Sensor.Counter == Counter.Pulses ? "a pulse" : "broken",
        (EventKinds.Passage, false) => Sensor.Counter == Counter.Pulses ? "at rest" : "free",
        (EventKinds.Presence, true) => "someone",
        (EventKinds.Presence, false) => "nobody",
        (EventKinds.Contact, true) => "open",
        (EventKinds.Contact, false) => "closed",
        (EventKinds.Present, true) => "in its place",
        (EventKinds.Present, false) => "not in its place",
        (EventKinds.Tamper, true) => "tampered",
        (EventKinds.Button, true) => "pressed",
        (EventKinds.Button, false) => "released",
        (EventKinds.Alarm, true) => "alarm",
        _ => "clear",
    };

    public override string ToString() => $"{Sensor.Id} pin {Line.Pin} is {Active} ({Voltage}, {Meaning})";
}

/// <summary>What a temperature sensor gave.</summary>
/// <param name="Problem">Why there is no value.</param>
internal sealed record CheckedTemperature(SensorConfig Sensor, double? Celsius, string? Problem)
{
    public string Reading => Celsius is { } value ? FormattableString.Invariant($"{value:0.0} \u00b0C") : "cannot be read: " + Problem;
}

/// <summary>How the broker received this device.</summary>
internal sealed record CheckedBroker(bool Reached, string Told);
