using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;

namespace Facility.Server.Ports;

/// <summary>A quarter of an hour of a zone.</summary>
public readonly record struct OccupancyFigure(string Site, string Zone, string Basis, OccupancySum Sum);

/// <summary>All passages of a quarter of an hour through a portal, as far as they are known; a later figure of the same quarter replaces it.</summary>
public readonly record struct PassageFigure(string Site, PassagePoint Quarter);

public readonly record struct SiteLevels(string Site, LevelBlock Block);

/// <summary>
/// Figures by the quarter of an hour, made by the server so that every store gives the same answers, and kept for years where events
/// and changes are kept for months. Each is whole: written again, it is the same or a newer one.
/// </summary>
public sealed record SeriesFigures(
    IReadOnlyList<OccupancyFigure> Quarters, IReadOnlyList<PassageFigure> Passages, IReadOnlyList<SiteLevels> Levels)
{
    public static readonly SeriesFigures None = new([], [], []);

    public int Count => Quarters.Count + Passages.Count + Levels.Count;
}

/// <summary>Sums of quarters, and the time that those quarters span from the first one's start to the last one's end.</summary>
public sealed record FiguredOccupancy(IReadOnlyList<OccupancySum> Sums, DateTimeOffset Start, DateTimeOffset End);
