using System.Text.Json.Serialization;

namespace Facility.Domain.Occupancy;

/// <summary>All that a <see cref="BayesEstimator"/> remembers; its snapshot is this as JSON.</summary>
internal sealed record EstimatorState
{
    /// <summary>Rises with the hypotheses of <see cref="DoorErrors"/> and the shape of <see cref="CountFilter.Save"/> too.</summary>
    public const int CurrentVersion = 11;

    public int Version { get; init; } = CurrentVersion;

    /// <summary>The zones and doors that it counts by; another layout is another state.</summary>
    public required string Layout { get; init; }

    public DateTimeOffset? Now { get; init; }

    public required SensorsHeard Sensors { get; init; }

    public required Dictionary<string, DoorDrift> Doors { get; init; }

    public required ZoneMemory[] Parts { get; init; }

    public required byte[][] Filters { get; init; }
}

[JsonSerializable(typeof(EstimatorState))]
internal sealed partial class EstimatorJson : JsonSerializerContext;
