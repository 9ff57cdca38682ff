using Facility.Contracts.Mqtt;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;

namespace Facility.Server.Ports;

/// <summary>A stream as the journal keeps it. Its key is site, device and uuid together.</summary>
public sealed class StreamRow
{
    public required long Id { get; init; }

    public required string Site { get; init; }

    public required string Device { get; init; }

    public required Guid Stream { get; init; }

    /// <summary>The last sequence number journaled; 0 for none.</summary>
    public long Acknowledged { get; set; }

    public bool Retired { get; set; }

    public DateTimeOffset Heard { get; set; }
}

/// <summary>What the journal counts of a device, over restarts.</summary>
public sealed record DeviceCounts(
    string Site, string Device, long Refused, long SetAside, long Lost, bool Faulty, DateTimeOffset Seen, bool? Reachable, IReadOnlyList<string> Faults);

/// <summary>A batch kept for inspection; <paramref name="Payload"/> may be its beginning alone, of <paramref name="Size"/> bytes.</summary>
public sealed record KeptBatch(string Site, string Device, Refusal Refusal, int Size, ReadOnlyMemory<byte> Payload);

/// <summary>
/// The one writer of the journal. Not safe for threads. All between <see cref="Begin"/> and <see cref="Commit"/> is on
/// disk together or not at all; after any <see cref="JournalUnavailableException"/> call <see cref="Rollback"/>.
/// </summary>
public interface IJournalWriter
{
    /// <returns>The time of receipt of all that is written up to <see cref="Commit"/>; it never falls.</returns>
    DateTimeOffset Begin();

    /// <summary>
    /// Nothing is received before <paramref name="passed"/> from now on. Estimates let time pass where the journal is silent: where the clock
    /// is set back over a restart, what comes must not seem to have come before that, or a replay of the journal would give others.
    /// </summary>
    void NotBefore(DateTimeOffset passed);

    /// <summary>Returns when it is on the disk (fsync).</summary>
    void Commit();

    /// <summary>Forgets all since <see cref="Begin"/>, also what it changed in stream rows. Never throws.</summary>
    void Rollback();

    /// <summary>Gives a part of the room that is kept on the disk for urgent events back to it; false when there is none left.</summary>
    bool GiveRoom();

    /// <summary>Keeps room for urgent events; false while the disk has not got it, and then only they may be written. Never throws.</summary>
    bool KeepRoom();

    StreamRow? Find(string site, string device, Guid stream);

    StreamRow Add(string site, string device, Guid stream, DateTimeOffset now);

    void Save(StreamRow stream);

    IReadOnlyList<StreamRow> LiveStreams(string? site = null, string? device = null);

    /// <param name="first">The first event of the batch to journal; those before it are journaled already.</param>
    /// <param name="payload">The batch as received.</param>
    void AppendEvents(StreamRow stream, DateTimeOffset received, long first, EventBatch batch, ReadOnlyMemory<byte> payload, byte[]? setAside);

    void AppendGap(StreamRow stream, DateTimeOffset received, long first, long last);

    void Append(DateTimeOffset received, string site, string device, JournalFact fact);

    /// <summary>Entries of events of a stream that hold sequence numbers within the bounds, in order.</summary>
    IReadOnlyList<JournalRow> EventRows(StreamRow stream, long first, long last);

    /// <summary>Adds to a device's counts.</summary>
    void Count(string site, string device, DateTimeOffset seen, long refused = 0, long setAside = 0, long lost = 0, bool faulty = false);

    void SetFault(string site, string device, string sensor, bool active);

    /// <summary>Keeps a batch for inspection: the newest 50 of a device and 1,000 of all, of each the first 16 KiB.</summary>
    void Keep(KeptBatch batch, DateTimeOffset now);

    /// <summary>
    /// Deletes entries received before a time, from the oldest up to <paramref name="upTo"/>, at most <paramref name="most"/>. The
    /// sites revision that rules at what is left stays, and the last entry does; streams and counts are not touched.
    /// </summary>
    /// <returns>Entries deleted.</returns>
    int Trim(DateTimeOffset before, long upTo, int most);
}

/// <summary>What the live state reads of the journal besides its entries.</summary>
public interface IJournalCounts
{
    IReadOnlyList<DeviceCounts> Devices();

    IReadOnlyList<StreamRow> Streams();

    /// <summary>Events per stream id that stand after an entry.</summary>
    IReadOnlyDictionary<long, long> EventsAfter(long position);

    /// <summary>The newest revision of the sites up to an entry; null when there is none.</summary>
    SitesRevised? NewestSites(long upTo = long.MaxValue);

    /// <summary>What was refused of devices, the newest first.</summary>
    IReadOnlyList<(string Site, string Device, DeviceRefusal Refusal)> Refusals();
}

/// <summary>The journal cannot be written for now; the message tells a person why and what to do.</summary>
public sealed class JournalUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
