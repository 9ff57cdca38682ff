using System.Text.Json.Serialization;

namespace Facility.Contracts.Mqtt;

/// <summary>Why an event that is journaled is kept from estimates and incidents (contract, section 2.1).</summary>
public enum SetAside
{
    None,
    BadTime,
    BadSensor,
    BadKind,
    BadValue,
    UnknownSite,
    UnknownDevice,
    UnknownSensor,

    /// <summary>The sensor exists, and another device has it.</summary>
    SensorOfAnotherDevice,

    /// <summary>The sensor exists, and its configuration says another kind.</summary>
    KindOfAnotherSensor,
}

/// <summary>One event of a device.</summary>
/// <param name="Seq">Rises by exactly 1 in its stream, from 1, never reused.</param>
/// <param name="At">When it happened, by the device's clock.</param>
/// <param name="Sensor">The sensor, unique within its site.</param>
/// <param name="Kind">One of <see cref="EventKinds"/>, or one that this version does not know.</param>
/// <param name="Value">By kind; NaN where an unknown kind has no number.</param>
public readonly record struct DeviceEvent(long Seq, DateTimeOffset At, string Sensor, string Kind, double Value)
{
    /// <summary>What the codec found wrong with it; such an event is journaled and set aside.</summary>
    [JsonIgnore]
    public SetAside Problem { get; init; }
}

/// <summary>A batch of events of one stream (contract, section 2.1).</summary>
/// <param name="Stream">Made with the device's outbox: a new outbox is a new stream.</param>
/// <param name="Oldest">The lowest sequence number that the device still holds.</param>
/// <param name="SentAt">When this batch was sent, by the device's clock.</param>
/// <param name="ClockSynced">False while the device's clock was not set: its times count from <paramref name="SentAt"/> alone.</param>
/// <param name="Events">1 to 500, contiguous and rising by sequence number.</param>
public sealed record EventBatch(Guid Stream, long Oldest, DateTimeOffset SentAt, bool ClockSynced, IReadOnlyList<DeviceEvent> Events)
{
    [JsonPropertyOrder(-1)]
    public int V { get; init; } = 1;

    [JsonIgnore]
    public long First => Events[0].Seq;

    [JsonIgnore]
    public long Last => Events[^1].Seq;
}
