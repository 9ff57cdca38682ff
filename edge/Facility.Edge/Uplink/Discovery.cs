using System.Text.Json;
using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;

namespace Facility.Edge.Uplink;

/// <summary>The device as Home Assistant discovers it (MQTT device discovery): its level sensors, all read from the status topic.</summary>
internal static class Discovery
{
    public static byte[] Write(EdgeConfig config, string software)
    {
        var status = new Topics(config.TopicPrefix).Status(config.Site, config.Device);
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteStartObject("device");
            json.WriteStartArray("identifiers");
            json.WriteStringValue(config.Device);
            json.WriteEndArray();
            json.WriteString("name", config.Device);
            json.WriteString("manufacturer", "Facility");
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
            foreach (var sensor in config.Sensors.Where(sensor => EventKinds.IsLevel(sensor.Kind)))
            {
                WriteComponent(json, config.Device, sensor, status);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteComponent(Utf8JsonWriter json, string device, SensorConfig sensor, string status)
    {
        json.WriteStartObject(sensor.Id);
        json.WriteString("platform", "binary_sensor");
        json.WriteString("unique_id", $"{device}_{sensor.Id}");
        json.WriteString("name", sensor.Id);
        if (DeviceClass(sensor.Kind) is { } deviceClass)
        {
            json.WriteString("device_class", deviceClass);
        }

        json.WriteString("state_topic", status);

        // An offline status has no sensors: the state is then unknown.
        json.WriteString(
            "value_template",
            $"{{% set v = value_json.sensors | default([]) | selectattr('sensor', 'eq', '{sensor.Id}') | map(attribute='value') | list %}}{{{{ v[0] | int if v else None }}}}");
        json.WriteString("payload_on", "1");
        json.WriteString("payload_off", "0");
        json.WriteEndObject();
    }

    private static string? DeviceClass(string kind) => kind switch
    {
        EventKinds.Presence => "occupancy",
        EventKinds.Contact => "opening",
        EventKinds.Tamper => "tamper",
        EventKinds.Alarm => "safety",
        _ => null,
    };
}
