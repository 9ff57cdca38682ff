using System.Text.Json.Serialization;

namespace Facility.Domain.Occupancy;

/// <summary>All that a <see cref="PlainCounter"/> remembers; its snapshot is this as JSON.</summary>
internal sealed record CounterState
{
    public const int CurrentVersion = 1;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>The zones and sensors that it counts by; another layout is another state.</summary>
    public required string Layout { get; init; }

    public required ZoneCount[] Zones { get; init; }

    public Dictionary<string, SensorSeen> Presence { get; init; } = [];

    public HashSet<string> Faulty { get; init; } = [];

    /// <summary>Devices by whether they are heard; one that is missing was never heard.</summary>
    public Dictionary<string, bool> Devices { get; init; } = [];

    /// <summary>Persons through the doors to outside since the site was last known to be empty.</summary>
    public long OuterPassages { get; set; }

    public DateTimeOffset? Now { get; set; }

    public DateTimeOffset? LastOpen { get; set; }
}

internal sealed record ZoneCount
{
    public int People { get; set; }

    /// <summary>Persons through its doors since <see cref="KnownAt"/>.</summary>
    public long Passages { get; set; }

    public long Lost { get; set; }

    /// <summary>When the count was last known: a nightly close, a silence, a person's count.</summary>
    public DateTimeOffset? KnownAt { get; set; }

    public DateTimeOffset? LastPassage { get; set; }
}

internal sealed record SensorSeen(bool Someone, DateTimeOffset Since);

[JsonSerializable(typeof(CounterState))]
internal sealed partial class CounterJson : JsonSerializerContext;
