namespace Facility.Domain.Occupancy;

/// <summary>
/// How many people are in each zone of one site, from what was observed. Deterministic: the same observations and
/// advances give the same estimates, in the server and in <c>facility-server replay</c>. Not safe for threads: one
/// follower owns it.
/// </summary>
public interface ISiteEstimator
{
    /// <summary>Takes one observation, after the time has been advanced to its receipt.</summary>
    void Observe(Observation observation);

    /// <summary>Lets time pass up to <paramref name="now"/>: nightly close, long silences. Called at least once a minute, never backwards.</summary>
    void Advance(DateTimeOffset now);

    /// <summary>The present estimate of each zone in the order of the sites file, the whole site first.</summary>
    IReadOnlyList<ZoneEstimate> Read();

    /// <summary>What has been learned of each door, in the order of the sites file.</summary>
    IReadOnlyList<DoorReport> Doors();

    /// <summary>The whole state, a few kilobytes; an estimator of the same kind and site restores it.</summary>
    byte[] Snapshot();

    /// <summary>Takes back a <see cref="Snapshot"/>; false (and unchanged) when it is of another version or site layout.</summary>
    bool Restore(ReadOnlySpan<byte> snapshot);
}

/// <summary>What is known of a door's errors.</summary>
/// <param name="PersonsPerIn">Persons for each one that it counts in its positive direction; of the doors of a zone together.</param>
/// <param name="PersonsPerOut">The same of the other direction.</param>
/// <param name="Worse">0 where it counts as ever; positive since it counts fewer in its negative direction than it did, or more in its positive one; negative for the reverse.</param>
public readonly record struct DoorReport(string Portal, double PersonsPerIn, double PersonsPerOut, int Worse);

/// <summary>An estimate of one zone.</summary>
/// <param name="Zone">Its id, or <c>site</c>.</param>
/// <param name="Estimate">Persons, the median.</param>
/// <param name="Low">Lower end of the 90% interval.</param>
/// <param name="High">Upper end of the 90% interval.</param>
/// <param name="Presence">Whether someone is there, by its presence sensors and the count; null where no sensor tells.</param>
/// <param name="Stale">A device that it rests on is not heard.</param>
public readonly record struct ZoneEstimate(string Zone, int Estimate, int Low, int High, bool? Presence, bool Stale);
