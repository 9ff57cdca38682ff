using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;

namespace Facility.Server.Ports;

/// <summary>
/// Time series of events and occupancy. Writes are idempotent: a point written again, whole or in part, is the same
/// point. All adapters pass one contract suite.
/// </summary>
public interface ISeriesStore
{
    /// <summary>Makes what is missing (database, retention). Throws <see cref="SeriesUnavailableException"/> with a clear message.</summary>
    Task PrepareAsync(CancellationToken cancellation);

    /// <summary>Durable when it returns. Throws <see cref="SeriesUnavailableException"/> when it is worth trying again later.</summary>
    Task WriteAsync(IReadOnlyList<EventPoint> events, IReadOnlyList<OccupancyChange> changes, CancellationToken cancellation);

    /// <summary>Durable when it returns; a figure of the same quarter is replaced.</summary>
    Task WriteAsync(SeriesFigures figures, CancellationToken cancellation);

    /// <summary>As <see cref="PassagesAsync"/>, from the figures of the quarters that start within the bounds; bounds are whole quarters.</summary>
    Task<IReadOnlyList<PassagePoint>> PassageFiguresAsync(string site, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation);

    /// <summary>
    /// Sums of the figured quarters within from and to, which are whole quarters, by intervals of whole quarters that start at
    /// <paramref name="from"/>; null where there are none.
    /// </summary>
    Task<FiguredOccupancy?> OccupancyFiguresAsync(
        string site, string zone, string basis, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation);

    /// <summary>Blocks that start within from (inclusive) and to (exclusive), in order of time.</summary>
    Task<IReadOnlyList<LevelBlock>> LevelsAsync(string site, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);

    /// <summary>
    /// Persons in and out per portal and interval, in order of time and portal; empty intervals are left out.
    /// Intervals start at whole multiples of <paramref name="interval"/> since 1970-01-01T00:00Z; bounds are from inclusive, to exclusive.
    /// </summary>
    Task<IReadOnlyList<PassagePoint>> PassagesAsync(string site, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation);

    /// <summary>
    /// Changes of a zone's estimate in order of time within from (inclusive) and to (exclusive), led by the last one before
    /// <paramref name="from"/> where there is one: each holds until the next.
    /// </summary>
    Task<IReadOnlyList<OccupancyChange>> OccupancyAsync(string site, string zone, string basis, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);
}

/// <summary>An event for the time series. <paramref name="Portal"/> is set for a passage.</summary>
public readonly record struct EventPoint(
    string Site, string Device, Guid Stream, long Seq, DateTimeOffset At, string Sensor, string Kind, double Value, string? Portal, bool InIsPositive);

/// <summary>From <paramref name="At"/> on the zone's estimate is this.</summary>
public readonly record struct OccupancyChange(string Site, string Zone, string Basis, DateTimeOffset At, int Estimate, int Low, int High);

/// <summary>The store cannot be reached or refuses for now; the message tells a person what to do.</summary>
public sealed class SeriesUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
