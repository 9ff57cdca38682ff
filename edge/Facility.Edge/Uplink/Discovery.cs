using System.Text.Encodings.Web;
using System.Text.Json;
using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;

namespace Facility.Edge.Uplink;

/// <summary>
/// The device as Home Assistant discovers it (its MQTT integration, "device discovery payload"): availability and level sensors
/// from the status, temperatures as they are sent.
/// </summary>
/// <remarks>
/// A status holds level sensors alone (contract, 2.3) in a list, so a template looks for its own sensor; an offline status has
/// none, and the state is then unknown. A temperature has the newest value of a batch of events: it is not retained, so it is
/// unknown to a Home Assistant that starts until the device tells it again, at most maxIntervalSeconds later. Passages and
/// faults are events without a state, and are not here.
/// </remarks>
internal static class Discovery
{
    private const string BinarySensor = "binary_sensor";
    private const string Sensor = "sensor";

    /// <summary>A component of an earlier message that is no longer in the configuration.</summary>
    public sealed record Gone(string Id, string Platform);

    /// <param name="gone">These are taken away: such a component has its platform alone.</param>
    public static byte[] Write(EdgeConfig config, string software, IReadOnlyList<Gone> gone)
    {
        var topics = new Topics(config.TopicPrefix);
        var status = topics.Status(config.Site, config.Device);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartObject("device");
            json.WriteStartArray("identifiers");
            json.WriteStringValue(config.Device);
            json.WriteEndArray();
            json.WriteString("name", config.Device);
            json.WriteString("manufacturer", "Facility");
            json.WriteString("model", "facility-edge");
            json.WriteString("sw_version", software);
            json.WriteEndObject();
            json.WriteStartObject("origin");
            json.WriteString("name", "facility-edge");
            json.WriteString("sw_version", software);
            json.WriteEndObject();
            json.WriteStartArray("availability");
            json.WriteStartObject();
            json.WriteString("topic", status);
            json.WriteString("value_template", "{{ value_json.state }}");
            json.WriteString("payload_available", DeviceStatus.Online);
            json.WriteString("payload_not_available", DeviceStatus.Offline);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteString("state_topic", status);
            json.WriteNumber("qos", 1);
            json.WriteStartObject("components");
            foreach (var sensor in config.Sensors.Where(sensor => PlatformOf(sensor) is not null))
            {
                json.WriteStartObject(sensor.Id);
                json.WriteString("platform", PlatformOf(sensor));
                json.WriteString("unique_id", $"{config.Device}_{sensor.Id}");
                json.WriteString("name", sensor.Id);
                if (PlatformOf(sensor) == Sensor)
                {
                    WriteTemperature(json, sensor, topics.Events(config.Site, config.Device));
                }
                else
                {
                    WriteLevel(json, sensor, status);
                }

                json.WriteEndObject();
            }

            foreach (var (id, platform) in gone)
            {
                json.WriteStartObject(id);
                json.WriteString("platform", platform);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>What an earlier message of this device showed and this configuration has not. An unreadable message shows nothing.</summary>
    public static IReadOnlyList<Gone> GoneSince(ReadOnlyMemory<byte> earlier, EdgeConfig config)
    {
        try
        {
            using var message = JsonDocument.Parse(earlier);
            var here = config.Sensors.Where(sensor => PlatformOf(sensor) is not null).Select(sensor => sensor.Id).ToHashSet();
            return message.RootElement is not { ValueKind: JsonValueKind.Object } root
                || !root.TryGetProperty("components", out var components) || components.ValueKind != JsonValueKind.Object
                ? []
                : [.. from component in components.EnumerateObject()
                      where !here.Contains(component.Name) && component.Value.ValueKind == JsonValueKind.Object && component.Value.EnumerateObject().Count() > 1
                      let platform = component.Value.TryGetProperty("platform", out var p) && p.ValueKind == JsonValueKind.String ? p.GetString() : null
                      where platform is BinarySensor or Sensor
                      select new Gone(component.Name, platform)];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static string? PlatformOf(SensorConfig sensor) =>
        EventKinds.IsLevel(sensor.Kind) ? BinarySensor : sensor.Kind == EventKinds.Temperature ? Sensor : null;

    private static void WriteLevel(Utf8JsonWriter json, SensorConfig sensor, string status)
    {
        json.WriteString("device_class", DeviceClass(sensor.Kind));
        json.WriteString("state_topic", status);
        json.WriteString(
            "value_template",
            $"{{% set v = value_json.sensors | default([]) | selectattr('sensor', 'eq', '{sensor.Id}') | map(attribute='value') | list %}}{{{{ v[0] | int if v else None }}}}");
        json.WriteString("payload_on", "1");
        json.WriteString("payload_off", "0");
        json.WriteNumber("expire_after", (int)Limits.Silence.TotalSeconds);
    }

    private static void WriteTemperature(Utf8JsonWriter json, SensorConfig sensor, string events)
    {
        json.WriteString("device_class", "temperature");
        json.WriteString("unit_of_measurement", "\u00b0C");
        json.WriteString("state_class", "measurement");
        json.WriteString("state_topic", events);

        // Empty when the batch has none of it: Home Assistant then keeps what it has.
        json.WriteString(
            "value_template",
            $"{{% set v = value_json.events | default([]) | selectattr('sensor', 'eq', '{sensor.Id}') | selectattr('kind', 'eq', '{EventKinds.Temperature}') | map(attribute='value') | list %}}{{{{ v[-1] if v else '' }}}}");
        json.WriteNumber("expire_after", (int)(2 * sensor.MaxInterval + Limits.Silence).TotalSeconds);
    }

    // What on means in Home Assistant: occupied, open, tampering, smoke, unsafe (someone asks for help), in its place ("home").
    private static string DeviceClass(string kind) => kind switch
    {
        EventKinds.Presence => "occupancy",
        EventKinds.Contact => "opening",
        EventKinds.Tamper => "tamper",
        EventKinds.Alarm => "smoke",
        EventKinds.Button => "safety",
        EventKinds.Present => "presence",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "has no level"),
    };
}
