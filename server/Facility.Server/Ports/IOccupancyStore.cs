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

    /// <summary>All or nothing, durable when it returns. A day with new passages is due for reconciling.</summary>
    void Save(OccupancyCheckpoint checkpoint, IReadOnlyList<OccupancyChange> changes, IReadOnlyList<SitePassage> passages);

    /// <summary>Days with passages that came since they were last reconciled.</summary>
    IReadOnlyList<(string Site, DateOnly Day)> DueDays();

    IReadOnlyList<DayPassage> PassagesOf(string site, DateOnly day);

    /// <summary>Queues a day's reconciled changes and marks it done, in one transaction.</summary>
    void Reconciled(string site, DateOnly day, IReadOnlyList<OccupancyChange> changes);

    /// <summary>Drops the passages of reconciled days that heard nothing new since <paramref name="before"/>.</summary>
    void Forget(DateTimeOffset before);

    /// <summary>The oldest queued changes and the position to confirm once they are shipped.</summary>
    (IReadOnlyList<OccupancyChange> Changes, long Position) Queued(int max);

    void Shipped(long position);
}

/// <param name="Cursor">The last journal entry taken.</param>
/// <param name="Clock">The time that the estimators have been advanced to.</param>
/// <param name="VersionCeiling">No version at or above it was ever published.</param>
/// <param name="Sites">The revision that ruled at the cursor.</param>
/// <param name="Snapshots">Estimator state by site.</param>
public sealed record OccupancyCheckpoint(
    long Cursor, DateTimeOffset? Clock, long VersionCeiling, SitesDocument Sites, IReadOnlyDictionary<string, byte[]> Snapshots);

public sealed record SitePassage(string Site, DateOnly Day, DayPassage Passage, DateTimeOffset Received);
