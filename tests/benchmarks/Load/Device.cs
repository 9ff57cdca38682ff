using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Facility.Benchmarks.Load;

/// <summary>
/// A device as the contract wants it: at most 16 batches under way, done only on <c>ack</c>, back to the first event not
/// acknowledged at most once a second. For peers, which have no <c>ack</c>, a message is done at its PUBACK and never sent again.
/// </summary>
/// <remarks>Under the lock of its connection.</remarks>
internal sealed class Device(string site, string name, string topic, int perMessage, bool acknowledged, bool urgent = false)
{
    private const int MostUnderWay = 16;
    private const int MostUnconfirmed = 20;
    private static readonly TimeSpan NoProgress = TimeSpan.FromSeconds(10);

    private readonly byte[] _topic = Encoding.UTF8.GetBytes(topic);
    private readonly byte[] _payload = new byte[64 * 1024];
    private readonly Queue<long> _underWay = [];
    private long[] _publishedAt = [];
    private long _next = 1;
    private int _unconfirmed;
    private long _progressAt = Stopwatch.GetTimestamp();
    private long _wentBackAt;

    public string Site => site;

    public Guid Stream { get; } = Guid.NewGuid();

    public string Name => name;

    public string Sensor { get; } = name + (urgent ? "-button" : "-door");

    /// <summary>The last event made.</summary>
    public long Made { get; private set; }

    public long Acknowledged { get; private set; }

    /// <summary>Messages sent more than once.</summary>
    public long SentAgain { get; private set; }

    public bool Done => acknowledged ? Acknowledged == Made : _next > Made && _unconfirmed == 0;

    /// <summary>+1, and where <paramref name="drains"/> every fourth -1: the net stays above zero, and a lost event shows.</summary>
    public static int Value(long seq, bool drains) => drains && seq % 4 == 0 ? -1 : 1;

    public static long Net(long seqs, bool drains) => drains ? seqs - (2 * (seqs / 4)) : seqs;

    public void Make(long events, bool timed)
    {
        Made += events;
        if (timed && _publishedAt.Length <= Made)
        {
            Array.Resize(ref _publishedAt, (int)Math.Max(Made + 1, _publishedAt.Length * 2));
        }
    }

    /// <summary>When an event was first given to the socket; null where that was not timed.</summary>
    public long? PublishedAt(long seq) => seq < _publishedAt.Length && _publishedAt[seq] > 0 ? _publishedAt[seq] : null;

    /// <summary>What was not sent yet was never made.</summary>
    public void Stop() => Made = _next - 1;

    public void Confirmed() => _unconfirmed--;

    /// <returns>The events newly acknowledged: from, to (empty where to &lt; from).</returns>
    public (long From, long To) Ack(long seq)
    {
        var from = Acknowledged + 1;
        if (seq > Acknowledged)
        {
            Acknowledged = Math.Min(seq, Made);
            _progressAt = Stopwatch.GetTimestamp();
            while (_underWay.TryPeek(out var last) && last <= seq)
            {
                _underWay.Dequeue();
            }

            _next = Math.Max(_next, Acknowledged + 1);
        }
        else
        {
            GoBack();
        }

        return (from, Acknowledged);
    }

    /// <summary>Without progress for 10 s it goes back.</summary>
    public void Check()
    {
        if (acknowledged && _underWay.Count > 0 && Stopwatch.GetElapsedTime(_progressAt) > NoProgress)
        {
            _progressAt = Stopwatch.GetTimestamp();
            GoBack();
        }
    }

    public void Pump(MqttSocket socket, bool drains)
    {
        while (_next <= Made && (acknowledged ? _underWay.Count < MostUnderWay : _unconfirmed < MostUnconfirmed))
        {
            var last = Math.Min(Made, _next + perMessage - 1);
            socket.Publish(_topic, _payload.AsSpan(0, Batch(_next, last, drains)));
            for (var seq = _next; seq <= last && seq < _publishedAt.Length; seq++)
            {
                _publishedAt[seq] = _publishedAt[seq] > 0 ? _publishedAt[seq] : Stopwatch.GetTimestamp();
            }

            if (_underWay.Count == 0)
            {
                _progressAt = Stopwatch.GetTimestamp();
            }

            _underWay.Enqueue(last);
            _unconfirmed++;
            _next = last + 1;
            if (!acknowledged)
            {
                _underWay.Clear();
            }
        }
    }

    private void GoBack()
    {
        if (_underWay.Count == 0 || Stopwatch.GetElapsedTime(_wentBackAt) < TimeSpan.FromSeconds(1))
        {
            return;
        }

        _wentBackAt = Stopwatch.GetTimestamp();
        SentAgain += _underWay.Count;
        _underWay.Clear();
        _next = Acknowledged + 1;
    }

    private int Batch(long first, long last, bool drains)
    {
        var now = DateTime.UtcNow;
        Utf8.TryWrite(_payload, CultureInfo.InvariantCulture,
            $"{{\"v\":1,\"stream\":\"{Stream}\",\"oldest\":{(acknowledged ? Acknowledged + 1 : first)},\"sentAt\":\"{now:yyyy-MM-ddTHH:mm:ss.fff}Z\",\"clockSynced\":true,\"events\":[", out var length);
        for (var seq = first; seq <= last; seq++)
        {
            Utf8.TryWrite(_payload.AsSpan(length), CultureInfo.InvariantCulture,
                $"{(seq > first ? "," : "")}{{\"seq\":{seq},\"at\":\"{now:yyyy-MM-ddTHH:mm:ss.fff}Z\",\"sensor\":\"{Sensor}\",\"kind\":\"{(urgent ? "button" : "passage")}\",\"value\":{(urgent ? seq % 2 : Value(seq, drains))}}}", out var more);
            length += more;
        }

        "]}"u8.CopyTo(_payload.AsSpan(length));
        return length + 2;
    }
}
