using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Edge.Domain;
using Facility.Edge.Ports;
using Microsoft.Extensions.Logging;

namespace Facility.Edge.Uplink;

/// <summary>One stream between outbox and broker: performs what its <see cref="StreamSender"/> decides.</summary>
internal sealed class StreamUplink(StreamKind kind, IOutbox outbox, IEdgeClock clock, ILogger log)
{
    private static readonly TimeSpan UrgentPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OrdinaryPatience = TimeSpan.FromSeconds(10);

    // Heard while the outbox had no room to begin. The broker retains a few of a device; of more than that none is ours.
    private const int MostEarly = 16;
    private static readonly TimeSpan BetweenBeginnings = TimeSpan.FromSeconds(1);

    private readonly Dictionary<Guid, Ack> _early = [];
    private StreamSender _sender = new(0, 0, OrdinaryPatience);
    private Guid? _stream;
    private bool _heard;
    private TimeSpan _beginAt;

    public TimeSpan? WakeAt => _sender.IsOldCopy ? _beginAt : _sender.WakeAt;

    /// <summary>Whether it knows what the server has, or no server can have anything.</summary>
    public bool IsReady => _heard || outbox.Info(kind) is { HighestAtStart: 0 } stream && stream.Id != Guid.Empty;

    public void Connected(TimeSpan now)
    {
        Follow(now);
        _sender.Connected(now);
    }

    /// <summary>The next batch to publish, with its bytes; null when there is none now.</summary>
    public byte[]? Next(TimeSpan now)
    {
        var info = Follow(now);
        if (_sender.IsOldCopy && now >= _beginAt)
        {
            Begin(info.Id, now);
            info = Follow(now);
        }

        if (_sender.Next(now, info.Oldest, info.Highest) is not { } range)
        {
            return null;
        }

        var clockNow = clock.Read();
        if (clockNow.Synced)
        {
            outbox.TimeIsKnown(clockNow.Correction);
        }

        var (events, zero) = outbox.Read(info.Id, range.From, range.AtMost);
        if (events.Count == 0)
        {
            return null;
        }

        // Times of a clock that was not set count from sentAt alone, so it is of that same clock. Right times of an earlier boot
        // may go before the clock of this one is set: they were sent after they were made, more is not known.
        var sentAt = zero?.AddTicks(clockNow.MonotonicNs / 100) ?? (clockNow.Synced ? clockNow.Wall : events.Max(e => e.At));
        var batch = new EventBatch(info.Id, Math.Min(info.Oldest, events[0].Seq), sentAt, zero is null, events);
        var bytes = WireCodec.Write(batch);
        while (bytes.Length > Limits.BatchBytes && batch.Events.Count > 1)
        {
            var fits = (int)((long)batch.Events.Count * Limits.BatchBytes / bytes.Length * 9 / 10);
            batch = batch with { Events = [.. batch.Events.Take(Math.Max(1, fits))] };
            bytes = WireCodec.Write(batch);
        }

        _sender.Sent(batch.First, batch.Last, now);
        return bytes;
    }

    public void Acknowledged(Ack ack, TimeSpan now)
    {
        var info = Follow(now);
        if (info.Id == Guid.Empty && _early.Count < MostEarly)
        {
            _early[ack.Stream] = ack;
        }

        if (ack.Stream != info.Id)
        {
            return;
        }

        _heard = true;
        var wasOldCopy = _sender.IsOldCopy;
        switch (_sender.Ack(ack.Seq, now))
        {
            case AckOutcome.Progress:
                outbox.MarkAcknowledged(ack.Stream, ack.Seq);
                break;
            case AckOutcome.Lower:
                log.LogWarning("The server has the {Kind} stream up to {Seq} only; sending again from there", kind, ack.Seq);
                outbox.MarkAcknowledged(ack.Stream, ack.Seq);
                break;
            case AckOutcome.AboveHighest when !wasOldCopy:
                log.LogWarning(
                    "The server has the {Kind} stream up to {Seq}, more than was ever sent from here: this outbox is an old copy; a new stream begins", kind, ack.Seq);
                Begin(ack.Stream, now);
                break;
            default:
                break;
        }
    }

    public void Refused(DeviceCommand command, TimeSpan now)
    {
        if (command.Stream != Follow(now).Id || command.Seq is not { } seq)
        {
            return;
        }

        var outcome = _sender.Refused(seq, now);
        log.LogWarning("The server refused {Kind} batch {Seq} ({Reason}): {Outcome}", kind, seq, command.Reason, outcome);
        if (outcome == RefusalOutcome.Replace)
        {
            outbox.ReplaceByLoss(command.Stream.Value, seq);
        }
    }

    // Where the disk does not take it now, again later: until then nothing is sent.
    private void Begin(Guid insteadOf, TimeSpan now)
    {
        _beginAt = now + BetweenBeginnings;
        outbox.BeginStream(insteadOf);
    }

    // The outbox may have begun a new stream.
    private StreamInfo Follow(TimeSpan now)
    {
        var info = outbox.Info(kind);
        if (info.Id != _stream)
        {
            _stream = info.Id;
            _heard = false;
            _sender = new StreamSender(
                info.Acknowledged, info.HighestAtStart, kind == StreamKind.Urgent ? UrgentPatience : OrdinaryPatience, Limits.BatchEvents, Limits.BatchesUnderWay);
            if (_early.Remove(info.Id, out var ack))
            {
                Acknowledged(ack, now);
            }
        }

        return info;
    }
}
