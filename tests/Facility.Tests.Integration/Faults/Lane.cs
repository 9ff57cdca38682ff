using Facility.Contracts.Mqtt;
using Facility.Edge.Domain;

namespace Facility.Tests.Integration.Faults;

/// <summary>One stream of a <see cref="NumberedDevice"/>: its list, which outlives a crash, and its sender, which does not.</summary>
internal sealed class Lane(bool urgent, Random random)
{
    private static readonly (string Sensor, string Kind)[] Urgent = [("aed-door", EventKinds.Contact), ("help-button", EventKinds.Button), ("fire-panel", EventKinds.Alarm)];
    private readonly List<Made> _events = [];
    private readonly List<(Guid Stream, Made[] Events)> _former = [];
    private StreamSender _sender = null!;
    private Made[]? _before;
    private (Guid Stream, int Count, long Acknowledged)? _copy;
    private int _countAtStart;
    private bool _heard;

    public bool IsUrgent => urgent;

    public Guid Stream { get; private set; } = Guid.NewGuid();

    public long Acknowledged { get; private set; }

    public int Count => _events.Count;

    public long Made => _former.Sum(f => f.Events.Length) + _events.Count;

    public int Waiting => (int)(_events.Count - Acknowledged);

    /// <summary>It knows what the server has of it, or no server can have anything.</summary>
    public bool IsReady => _heard || _countAtStart == 0;

    public bool HasCopy => _copy?.Stream == Stream;

    public IEnumerable<(Guid Stream, IReadOnlyList<Made> Events)> Streams => [.. _former.Select(f => (f.Stream, (IReadOnlyList<Made>)f.Events)), (Stream, [.. _events])];

    /// <summary>A life of the device begins: what it knew besides its list is gone.</summary>
    public void Start()
    {
        (_countAtStart, _heard) = (_events.Count, false);
        NewSender();
    }

    public void Connected(TimeSpan now) => _sender.Connected(now);

    public void Make(int count, TimeSpan clockError)
    {
        var now = DateTimeOffset.UtcNow.Add(clockError).ToUnixTimeMilliseconds();
        for (var i = 0; i < count; i++)
        {
            var (sensor, kind, value) = Next();
            _events.Add(new Made(_events.Count + 1, now + (i / 10), sensor, kind, value));
        }
    }

    /// <summary>The next batch to publish; null for none now.</summary>
    public byte[]? Next(TimeSpan now, TimeSpan clockError)
    {
        if (_sender.Next(now, 1, _events.Count) is not { } range)
        {
            return null;
        }

        var events = _events.GetRange((int)range.From - 1, range.AtMost)
            .Select(e => new DeviceEvent(e.Seq, DateTimeOffset.FromUnixTimeMilliseconds(e.At!.Value), e.Sensor, e.Kind, e.Value)).ToArray();
        var batch = new EventBatch(Stream, 1, DateTimeOffset.UtcNow.Add(clockError), true, events);
        _sender.Sent(batch.First, batch.Last, now);
        return WireCodec.Write(batch);
    }

    /// <returns>What is wrong; null for nothing.</returns>
    public string? Take(Ack ack, TimeSpan now)
    {
        if (ack.Stream != Stream)
        {
            return null;
        }

        _heard = true;
        switch (_sender.Ack(ack.Seq, now))
        {
            case AckOutcome.Progress or AckOutcome.Lower:
                Acknowledged = ack.Seq;
                return null;
            case AckOutcome.AboveHighest when _before is { } before:
                // The list is an older copy: what was made since the start moves to a new stream.
                _former.Add((Stream, before));
                var since = _events.Skip(_countAtStart).Select((e, i) => e with { Seq = i + 1 }).ToArray();
                _events.Clear();
                _events.AddRange(since);
                (Stream, Acknowledged, _countAtStart, _before) = (Guid.NewGuid(), 0, 0, null);
                NewSender();
                return null;
            case AckOutcome.AboveHighest:
                return $"stream {Stream} was acknowledged up to {ack.Seq}, and has {_events.Count} events";
            default:
                return null;
        }
    }

    public void Copy() => _copy = (Stream, _events.Count, Acknowledged);

    /// <summary>The list becomes the copy again. Only what the server has of what is gone still counts.</summary>
    /// <returns>Events lost with the list.</returns>
    public int PutBack()
    {
        var lost = _events.Count - (int)Acknowledged;
        _before = [.. _events.Take((int)Acknowledged)];
        _events.RemoveRange(_copy!.Value.Count, _events.Count - _copy.Value.Count);
        if (_events.Count == _before.Length)
        {
            _before = null;
        }

        Acknowledged = _copy.Value.Acknowledged;
        return lost;
    }

    private void NewSender() => _sender = new StreamSender(
        Acknowledged, _countAtStart, TimeSpan.FromSeconds(urgent ? 1 : 10), random.Next(4) == 0 ? 25 : Contracts.Limits.BatchEvents);

    private (string Sensor, string Kind, double Value) Next()
    {
        if (urgent)
        {
            var (sensor, kind) = Urgent[random.Next(Urgent.Length)];
            return (sensor, kind, random.Next(2));
        }

        return random.Next(10) switch
        {
            0 => ("hall-temp", EventKinds.Temperature, random.Next(150, 250) / 10.0),
            1 => ("hall-pir", EventKinds.Presence, random.Next(2)),
            _ => ("main-door", EventKinds.Passage, random.Next(5) < 3 ? random.Next(1, 4) : -random.Next(1, 4)),
        };
    }
}
