namespace Facility.Edge.Domain;

/// <summary>What an acknowledgement meant.</summary>
public enum AckOutcome
{
    /// <summary>Nothing to do.</summary>
    Known,

    /// <summary>The server has more than it had: mark it in the outbox.</summary>
    Progress,

    /// <summary>The server has less than it had (restored from a backup): mark it in the outbox, and send again.</summary>
    Lower,

    /// <summary>The server has more than was ever sent from here: this outbox is an old copy, and needs a new stream.</summary>
    AboveHighest,
}

/// <summary>What a refusal meant.</summary>
public enum RefusalOutcome
{
    /// <summary>Of something no longer under way.</summary>
    Stale,

    /// <summary>That range now goes event by event.</summary>
    OneByOne,

    /// <summary>That one event is refused by itself: replace it by a loss with the same number.</summary>
    Replace,
}

/// <summary>A range to send.</summary>
public readonly record struct SendRange(long From, int AtMost);

/// <summary>
/// Decides what of one stream to send, when to go back, and what is done: the contract's section 2.2 for a device.
/// </summary>
/// <remarks>
/// <code>
///   ... acknowledged | under way (at most 16 batches) | not yet sent ... highest
///                    ^ goes back to here              ^ next
/// </code>
/// Done only on an acknowledgement. It goes back to the first unacknowledged event after a reconnect; after a time without
/// progress, which doubles to 60 s; on a repeated acknowledgement, when it has not gone back in the last second, since that may
/// only answer a duplicate; and on a lower one, at most once a second, whatever made it go back before: the answer to its
/// sending again must count. How much is under way follows how long an acknowledgement takes: what waits in broker and server
/// also waits in front of an alarm of the other stream. <c>now</c> is any monotonic time. Not safe for threads: one loop owns it.
/// </remarks>
/// <param name="highestAtStart">What an earlier life of this process may have sent; an acknowledgement above that and above all sent since is of another outbox.</param>
public sealed class StreamSender(long acknowledged, long highestAtStart, TimeSpan patience, int batchEvents = 500, int batchesUnderWay = 16)
{
    private static readonly TimeSpan LongestPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BetweenGoingBack = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRefusal = 2 * LongestPatience;
    private static readonly TimeSpan LongestQueue = TimeSpan.FromMilliseconds(250);

    private readonly Queue<(long First, long Last, TimeSpan SentAt)> _underWay = new();
    private readonly Dictionary<long, (int Count, TimeSpan LastAt)> _wholeSends = [];
    private readonly TimeSpan _firstPatience = patience;
    private TimeSpan? _longerPatience;
    private TimeSpan _progressAt;
    private TimeSpan? _wentBackAt;
    private TimeSpan? _loweredAt;
    private long _highestSent = highestAtStart;
    private long _next = acknowledged + 1;
    private long _oneByOneUntil;
    private bool _asks;
    private int _window = Math.Min(4, batchesUnderWay);

    public long Acknowledged { get; private set; } = acknowledged;

    private TimeSpan Patience => _longerPatience ?? _firstPatience;

    public int UnderWay => _underWay.Count;

    /// <summary>The server has a later life of this stream, so nothing more may go into it: what an acknowledgement covers then is not what is held here.</summary>
    public bool IsOldCopy { get; private set; }

    /// <summary>When <see cref="Next"/> will go back for want of progress; null with nothing under way.</summary>
    public TimeSpan? WakeAt => _underWay.Count == 0 ? null : _progressAt + Patience;

    /// <summary>
    /// The connection is new: whatever was under way may be gone. And the server may have been put back to an older copy, with a broker that
    /// remembers no acknowledgement: where there is nothing new to send the last acknowledged event is sent again, and the answer tells.
    /// </summary>
    public void Connected(TimeSpan now)
    {
        GoBack(now);
        _asks = true;
    }

    /// <summary>What to send now; null when there is nothing, or enough is under way. Tell <see cref="Sent"/> what was sent.</summary>
    /// <param name="oldest">The lowest sequence number in the outbox.</param>
    /// <param name="highest">The highest one.</param>
    public SendRange? Next(TimeSpan now, long oldest, long highest)
    {
        if (IsOldCopy)
        {
            return null;
        }

        if (WakeAt <= now)
        {
            GoBack(now);
            _longerPatience = Patience * 2 < LongestPatience ? Patience * 2 : LongestPatience;
        }

        if (_next > highest || _underWay.Count >= _window)
        {
            return _asks && _underWay.Count == 0 && Acknowledged >= Math.Max(1, oldest) ? new SendRange(Acknowledged, 1) : null;
        }

        return new SendRange(_next, _next <= _oneByOneUntil ? 1 : (int)Math.Min(batchEvents, highest - _next + 1));
    }

    public void Sent(long first, long last, TimeSpan now)
    {
        if (_underWay.Count == 0)
        {
            _progressAt = now;
        }

        _asks = false;
        _underWay.Enqueue((first, last, now));
        _next = last + 1;
        _highestSent = Math.Max(_highestSent, last);
        if (last > first)
        {
            _wholeSends[first] = (_wholeSends.GetValueOrDefault(first).Count + 1, now);
        }
    }

    public AckOutcome Ack(long seq, TimeSpan now)
    {
        if (IsOldCopy || seq > _highestSent)
        {
            IsOldCopy = true;
            _underWay.Clear();
            return AckOutcome.AboveHighest;
        }

        if (seq > Acknowledged)
        {
            Acknowledged = seq;
            _longerPatience = null;
            _progressAt = now;
            _next = Math.Max(_next, seq + 1);
            TimeSpan? took = null;
            while (_underWay.TryPeek(out var batch) && batch.Last <= seq)
            {
                took = now - _underWay.Dequeue().SentAt;
            }

            Fit(took);

            foreach (var first in _wholeSends.Keys.Where(first => first <= seq).ToArray())
            {
                _wholeSends.Remove(first);
            }

            return AckOutcome.Progress;
        }

        if (seq < Acknowledged)
        {
            if (now - _loweredAt < BetweenGoingBack)
            {
                return AckOutcome.Known;
            }

            Acknowledged = seq;
            _loweredAt = now;
            GoBack(now);
            return AckOutcome.Lower;
        }

        if (_underWay.TryPeek(out var asked) && asked.Last <= seq)
        {
            // The answer to what was asked at the start.
            _underWay.Dequeue();
        }
        else if (_underWay.Count > 0 && !(now - _wentBackAt < BetweenGoingBack))
        {
            GoBack(now);
        }

        return AckOutcome.Known;
    }

    /// <param name="seq">The first sequence number of the refused batch.</param>
    public RefusalOutcome Refused(long seq, TimeSpan now)
    {
        var refused = _underWay.FirstOrDefault(batch => batch.First == seq);
        if (refused == default || seq <= Acknowledged)
        {
            return RefusalOutcome.Stale;
        }

        // A batch sent twice is refused twice: the second refusal must not fall on the single event sent since. But refusals get
        // lost, and what was sent to a server that was away for a week must not be waited for at one event.
        var whole = _wholeSends.GetValueOrDefault(seq);
        if (whole.Count > 0 && now - whole.LastAt < LongestRefusal)
        {
            _wholeSends[seq] = whole with { Count = whole.Count - 1 };
        }
        else if (refused.Last == refused.First)
        {
            GoBack(now);
            return RefusalOutcome.Replace;
        }

        if (refused.Last == refused.First)
        {
            return RefusalOutcome.Stale;
        }

        _oneByOneUntil = Math.Max(_oneByOneUntil, refused.Last);
        GoBack(now);
        return RefusalOutcome.OneByOne;
    }

    private void Fit(TimeSpan? took)
    {
        if (took > LongestQueue)
        {
            _window = Math.Max(1, (int)(_window * (LongestQueue / took.Value)));
        }
        else if (took < LongestQueue / 2)
        {
            _window = Math.Min(batchesUnderWay, _window + 1);
        }
    }

    private void GoBack(TimeSpan now)
    {
        _asks |= _underWay.TryPeek(out var asked) && asked.Last <= Acknowledged;
        _underWay.Clear();
        _next = Acknowledged + 1;
        _wentBackAt = now;
        _progressAt = now;
    }
}
