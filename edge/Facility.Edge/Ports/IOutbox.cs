using Facility.Contracts.Mqtt;
using Facility.Edge.Domain;

namespace Facility.Edge.Ports;

public enum StreamKind
{
    Urgent,
    Ordinary,
}

/// <summary>An event that has no number yet.</summary>
/// <param name="At">By <see cref="ClockReading.ToWall"/>.</param>
/// <param name="Synced">Whether the clock that gave <paramref name="At"/> had been set.</param>
public readonly record struct NewEvent(DateTimeOffset At, string Sensor, string Kind, double Value, bool Synced)
{
    public StreamKind Stream => EventKinds.IsUrgent(Kind) ? StreamKind.Urgent : StreamKind.Ordinary;
}

/// <summary>A stream as it is on disk.</summary>
/// <param name="Id">Empty while the outbox has not begun: there was no room on the disk yet.</param>
/// <param name="Oldest">The lowest sequence number held; one above the highest when none is.</param>
/// <param name="Highest">The highest sequence number given out; 0 before the first.</param>
/// <param name="Acknowledged">Up to here everything is on the server's disk.</param>
/// <param name="HighestAtStart">What <paramref name="Highest"/> was when this process started: no server can have more than that of an earlier life.</param>
public sealed record StreamInfo(Guid Id, long Oldest, long Highest, long Acknowledged, long HighestAtStart);

/// <summary>Events to send, contiguous.</summary>
/// <param name="MonotonicZero">
/// Null where the times are right. Else they are of a clock that was not set, and this is its time at which the present
/// monotonic clock was 0. After a reboot that is the last event's: how long the power was off is not known, and counts as nothing.
/// </param>
public sealed record OutboxBatch(IReadOnlyList<DeviceEvent> Events, DateTimeOffset? MonotonicZero)
{
    public static readonly OutboxBatch Empty = new([], null);
}

/// <summary>
/// The events of this device on its disk, in two streams. What is read from it has survived a power cut.
/// </summary>
public interface IOutbox : IAsyncDisposable
{
    /// <summary>
    /// Takes an event; it is numbered and written with others in one transaction. Waits while the queue is full; while the
    /// disk cannot be written to it does not wait but drops, counts, and reports a <c>lost</c> event when it can again.
    /// </summary>
    ValueTask AppendAsync(NewEvent e, CancellationToken cancel);

    /// <summary>Completes when everything taken before is written.</summary>
    /// <exception cref="IOException">The outbox was closed while it could not write.</exception>
    Task FlushAsync(CancellationToken cancel);

    StreamInfo Info(StreamKind kind);

    /// <summary>
    /// Events from a sequence number on, at most so many, all made with the same state of the clock. What is read with the
    /// time of an unset clock keeps it for ever, since it may be published.
    /// </summary>
    /// <remarks>Here and below a stream is named by its id: a new one may have begun since the caller looked, and then nothing is done.</remarks>
    OutboxBatch Read(Guid stream, long from, int atMost);

    /// <summary>
    /// Faults and calls (kinds <c>fault</c> and <c>button</c>) that were told, also before a restart, and not ended: a server still
    /// believes them, however long ago it was. Since this outbox was made.
    /// </summary>
    IReadOnlySet<(string Sensor, string Kind)> Standing { get; }

    /// <summary>The clock is set: what this boot made before, and was never read, now has a right time. Only the first call counts.</summary>
    /// <returns>False when the disk did not take it: tell it again.</returns>
    bool TimeIsKnown(TimeSpan correction);

    /// <summary>Also lower than before, when the server was restored.</summary>
    void MarkAcknowledged(Guid stream, long seq);

    /// <summary>Begins a new stream in the place of this one, and moves into it what was made since this process started; nothing changes where the disk does not take it.</summary>
    void BeginStream(Guid insteadOf);

    /// <summary>Puts a loss of one in the place of an event that the server cannot read.</summary>
    void ReplaceByLoss(Guid stream, long seq);

    /// <summary>Something was written. Called on the outbox's own thread: only signal.</summary>
    event Action? Written;

    /// <summary>Each level sensor must tell its level again: a stream is new, or events were lost. Only signal.</summary>
    event Action? LevelsWanted;
}
