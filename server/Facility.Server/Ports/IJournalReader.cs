using Facility.Domain.Ingestion;

namespace Facility.Server.Ports;

/// <summary>The journal as its followers see it. Safe for use by several followers at once.</summary>
public interface IJournalReader
{
    /// <summary>Id of the last entry on disk; 0 when there is none.</summary>
    long Head { get; }

    /// <summary>The head that the journal was opened with. A cursor beyond it is of entries that are no longer there: the journal was put back to an older copy.</summary>
    long HeadAtOpen { get; }

    /// <summary>
    /// No entry that is not readable yet will have been received before this. A follower may let time pass up to a
    /// watermark that it took <em>before</em> it read to the head.
    /// </summary>
    DateTimeOffset Watermark { get; }

    /// <summary>Entries after a cursor in order, up to about <paramref name="maxEvents"/> device events, or 4 MB of what devices sent; empty at the head.</summary>
    IReadOnlyList<JournalEntry> Read(long after, int maxEvents = 5000);

    /// <summary>Completes when there is an entry after the cursor, or after <paramref name="atMost"/>.</summary>
    Task WaitAsync(long after, TimeSpan atMost, CancellationToken cancellation);
}

/// <summary>Durable cursors by follower name.</summary>
public interface ICursors
{
    /// <summary>The last entry that the follower has taken; 0 for a new one.</summary>
    long Load(string follower);

    void Save(string follower, long position);
}
