using Facility.Contracts.Places;
using Facility.Domain.Occupancy;

namespace Facility.Server.Ports;

/// <summary>
/// What the occupancy follower must remember: where it is, the state of its estimators, and what is still to be shipped
/// to the time series. One transaction holds all of it, so that a restart goes on exactly where the last save was.
/// </summary>
public interface IOccupancyStore
{
    /// <summary>The last checkpoint; null in a new store.</summary>
    OccupancyCheckpoint? Load();

    /// <summary>
    /// All or nothing, durable when it returns. A day with new facts is due for reconciling, and a quarter with new
    /// passages is queued with all that it has now.
    /// </summary>
    void Save(
        OccupancyCheckpoint checkpoint, IReadOnlyList<OccupancyChange> changes, IReadOnlyList<SiteFact> facts,
        IReadOnlyList<OccupancyFigure> quarters, IReadOnlyList<SiteLevels> levels);

    /// <summary>Forgets the counts of quarters from here on: they are counted again from the journal.</summary>
    void ForgetCounts(DateTimeOffset since);

    /// <summary>Days with facts that came since they were last reconciled.</summary>
    IReadOnlyList<(string Site, DateOnly Day)> DueDays();

    IReadOnlyList<DayFact> FactsOf(string site, DateOnly day);

    /// <summary>Queues a day's reconciled figures and marks it done, in one transaction.</summary>
    void Reconciled(string site, DateOnly day, IReadOnlyList<OccupancyFigure> quarters);

    /// <summary>Drops the facts of reconciled days that heard nothing new since <paramref name="before"/>, and counts past their retention.</summary>
    void Forget(DateTimeOffset before, DateTimeOffset now);

    /// <summary>The oldest queued changes and the position to confirm once they are shipped.</summary>
    (IReadOnlyList<OccupancyChange> Changes, long Position) Queued(int max);

    void Shipped(long position);

    /// <summary>The same of figures.</summary>
    (SeriesFigures Figures, long Position) QueuedFigures(int max);

    void FiguresShipped(long position);
}

/// <param name="Cursor">The last journal entry taken.</param>
/// <param name="Clock">The time that the estimators have been advanced to.</param>
/// <param name="VersionCeiling">No version at or above it was ever published.</param>
/// <param name="Sites">The revision that ruled at the cursor.</param>
/// <param name="Snapshots">Estimator state by site: when saved, of those with something new, and of all of them with other <paramref name="Sites"/>.</param>
/// <param name="Figures">What quarter-hour figures are made of, by site; to save only those that changed.</param>
public sealed record OccupancyCheckpoint(
    long Cursor, DateTimeOffset? Clock, long VersionCeiling, SitesDocument Sites, IReadOnlyDictionary<string, byte[]> Snapshots,
    IReadOnlyDictionary<string, byte[]> Figures);

/// <param name="InIsPositive">Whether positive persons of a passage went in.</param>
/// <param name="Counted">False where its quarter has it already: the journal is followed again and no longer tells all of that quarter.</param>
public sealed record SiteFact(string Site, DateOnly Day, DayFact Fact, DateTimeOffset Received, bool InIsPositive, bool Counted = true);
