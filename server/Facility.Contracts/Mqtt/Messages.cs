using System.Text.Json.Serialization;

namespace Facility.Contracts.Mqtt;

/// <summary>Every event of the stream up to <paramref name="Seq"/> is on the server's disk (contract, section 2.2).</summary>
public sealed record Ack(Guid Stream, long Seq)
{
    [JsonPropertyOrder(-1)]
    public int V { get; init; } = 1;
}

/// <summary>A command to a device: <c>identify</c>, <c>reload</c>, or <c>refused</c> with the other three.</summary>
public sealed record DeviceCommand(string Command, Guid? Stream = null, long? Seq = null, string? Reason = null)
{
    public const string Identify = "identify";
    public const string Reload = "reload";
    public const string Refused = "refused";

    [JsonPropertyOrder(-1)]
    public int V { get; init; } = 1;
}

/// <summary>The present value of a level sensor.</summary>
public sealed record SensorLevel(string Sensor, string Kind, double Value);

/// <summary>A device's status, retained; its Will and clean exit have state and session alone (contract, section 2.3).</summary>
/// <param name="State"><c>online</c> or <c>offline</c>.</param>
/// <param name="Session">Of this connection: an offline of an older session is ignored.</param>
public sealed record DeviceStatus(
    string State, Guid Session, DateTimeOffset? At = null, string? Software = null, IReadOnlyList<SensorLevel>? Sensors = null)
{
    public const string Online = "online";
    public const string Offline = "offline";

    [JsonPropertyOrder(-1)]
    public int V { get; init; } = 1;
}
