using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;
using Facility.Edge.Domain;
using Facility.Edge.Ports;
using Microsoft.Extensions.Logging;

namespace Facility.Edge.Pipeline;

/// <summary>
/// From pin to outbox: edges in order of time, debounced where the pins do not do so, through each sensor, to events.
/// </summary>
/// <remarks>
/// One loop owns all state. It waits for the outbox, and so makes the pins wait. Lost edges it tells as <c>lost</c>; it then
/// goes on with the levels after them, forgets half-told stories at doors, and sends each level.
/// <para>Beams are always debounced here and never by the pins: the kernel stamps a debounced edge when its timer runs, up to
/// 4 ms later, and hides a flicker that is faster than the period.</para>
/// </remarks>
internal sealed class SensorPipeline : IDisposable
{
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(4);

    private readonly IPins _pins;
    private readonly IOutbox _outbox;
    private readonly IEdgeClock _clock;
    private readonly ILogger _log;
    private readonly long _latenessNs;
    private readonly string[] _ids;
    private readonly string[] _kinds;
    private readonly ISensor[] _sensors;
    private readonly Range[] _sensorLines;
    private readonly Line[] _lines;
    private readonly Debouncer[] _debouncers;
    private readonly List<Told> _told = [];
    private readonly Signal _wake = new();
    private readonly Alarm _alarm;
    private volatile bool _levelsWanted;
    private volatile IReadOnlyList<SensorLevel> _levels = [];
    private long _passages;
    private long _turns;

    /// <param name="Place">Of the line in its sensor.</param>
    private readonly record struct Line(int Sensor, int Place, long DebounceNs, PinLine Pin);

    public SensorPipeline(EdgeConfig config, IPins pins, IOutbox outbox, IEdgeClock clock, TimeProvider time, ILogger<SensorPipeline> log)
    {
        (_pins, _outbox, _clock, _log) = (pins, outbox, clock, log);
        _latenessNs = (long)pins.Lateness.TotalNanoseconds;
        var withLines = config.Sensors.Where(sensor => sensor.Lines.Count > 0).ToList();
        _ids = [.. withLines.Select(sensor => sensor.Id)];
        _kinds = [.. withLines.Select(sensor => sensor.Kind)];
        _sensors = [.. withLines.Select(Sensor.For)];
        _lines = [.. withLines.SelectMany((sensor, i) => sensor.Lines.Select((pin, place) => sensor.Kind == EventKinds.Passage || !pins.Debounces
            ? new Line(i, place, (long)pin.Debounce.TotalNanoseconds, pin with { Debounce = TimeSpan.Zero })
            : new Line(i, place, 0, pin)))];
        _sensorLines = [.. withLines.Select((_, i) => Array.FindIndex(_lines, line => line.Sensor == i)..(Array.FindLastIndex(_lines, line => line.Sensor == i) + 1))];
        _debouncers = new Debouncer[_lines.Length];
        _alarm = new Alarm(_wake, time);
        outbox.LevelsWanted += () =>
        {
            _levelsWanted = true;
            _wake.Set();
        };
    }

    /// <summary>The present level of each level sensor, for the status.</summary>
    public IReadOnlyList<SensorLevel> Levels => _levels;

    /// <summary>How many passages and crossings were given to the outbox.</summary>
    public long Passages => Interlocked.Read(ref _passages);

    /// <summary>How often the loop went round: at least once in <see cref="LongestWait"/>, or it hangs.</summary>
    public long Turns => Interlocked.Read(ref _turns);

    public void Dispose() => _alarm.Dispose();

    /// <exception cref="PinsException">The chip or a line cannot be had.</exception>
    public void Claim()
    {
        _pins.Claim([.. _lines.Select(line => line.Pin)]);
        var (levels, now) = (_pins.ReadLevels(), _clock.Read().MonotonicNs);
        for (var i = 0; i < _sensors.Length; i++)
        {
            Begin(i, levels, now);
        }

        foreach (var (sensor, kind) in _outbox.Standing)
        {
            if (Array.IndexOf(_ids, sensor) is >= 0 and var i)
            {
                _sensors[i].WasTold(kind);
            }
        }

        KeepLevels();
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        await SendLevelsAsync(null, cancel).ConfigureAwait(false);
        Task<bool>? more = null;
        var timeIsKnown = false;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            Interlocked.Increment(ref _turns);
            if (_levelsWanted)
            {
                _levelsWanted = false;
                await SendLevelsAsync(null, cancel).ConfigureAwait(false);
            }

            // The clock before the queue: what comes into the queue later is younger.
            var clock = _clock.Read();
            var now = clock.MonotonicNs;

            // Also without a broker: the next boot cannot know it any more.
            timeIsKnown = timeIsKnown || (clock.Synced && _outbox.TimeIsKnown(clock.Correction));
            if (_pins.Edges.TryRead(out var edge))
            {
                await StepAsync(edge, cancel).ConfigureAwait(false);
                continue;
            }

            var due = NextDue() + _latenessNs;
            if (due <= now)
            {
                await AdvanceAsync(now - _latenessNs, cancel).ConfigureAwait(false);
                continue;
            }

            if (more is { IsCompleted: true } && !await more.ConfigureAwait(false))
            {
                return;
            }

            more = more is { IsCompleted: false } ? more : _pins.Edges.WaitToReadAsync(cancel).AsTask();
            _wake.Clear();
            _alarm.Within(due is { } at && at - now < LongestWait.TotalNanoseconds ? TimeSpan.FromMilliseconds((at - now) / 1_000_000 + 1) : LongestWait);
            if (!_levelsWanted)
            {
                await Task.WhenAny(more, _wake.WaitAsync()).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask StepAsync(PinEdge edge, CancellationToken cancel)
    {
        await AdvanceAsync(edge.TimestampNs, cancel).ConfigureAwait(false);
        if (edge.LostBefore is { } loss)
        {
            await GoOnAfterAsync(loss, edge.TimestampNs, cancel).ConfigureAwait(false);
        }

        var line = _lines[edge.Line];
        _debouncers[edge.Line] = _debouncers[edge.Line].Step(edge.Level, edge.TimestampNs, line.DebounceNs);
        _sensors[line.Sensor].Edge(line.Place, edge.TimestampNs, _told);
        await SendAsync(line.Sensor, cancel).ConfigureAwait(false);
        await AdvanceAsync(edge.TimestampNs, cancel).ConfigureAwait(false);
    }

    // Everything that falls due up to now, in the order in which it does.
    private async ValueTask AdvanceAsync(long nowNs, CancellationToken cancel)
    {
        while (NextDue() is { } due && due <= nowNs)
        {
            for (var i = 0; i < _lines.Length; i++)
            {
                (_debouncers[i], var changed) = _debouncers[i].Settle(due, _lines[i].DebounceNs);
                if (changed)
                {
                    _sensors[_lines[i].Sensor].Step(_lines[i].Place, _debouncers[i].Stable, _debouncers[i].BeganNs, _told);
                    await SendAsync(_lines[i].Sensor, cancel).ConfigureAwait(false);
                }
            }

            for (var i = 0; i < _sensors.Length; i++)
            {
                if (_sensors[i].DueNs <= due)
                {
                    _sensors[i].Settle(due, _told);
                    await SendAsync(i, cancel).ConfigureAwait(false);
                }
            }
        }
    }

    private long? NextDue()
    {
        long? due = null;
        for (var i = 0; i < _lines.Length; i++)
        {
            due = Due.Earlier(due, _debouncers[i].DueNs(_lines[i].DebounceNs));
        }

        foreach (var sensor in _sensors)
        {
            due = Due.Earlier(due, sensor.DueNs);
        }

        return due;
    }

    private void Begin(int sensor, bool[] levels, long nowNs)
    {
        var lines = _sensorLines[sensor];
        for (var i = lines.Start.Value; i < lines.End.Value; i++)
        {
            _debouncers[i] = Debouncer.At(levels[i], nowNs);
        }

        _sensors[sensor].Begin(levels.AsSpan(lines), nowNs, _told);
    }

    private async ValueTask GoOnAfterAsync(PinLoss loss, long atNs, CancellationToken cancel)
    {
        _log.LogWarning("{Lost} edges of the pins were lost", loss.Edges);
        var now = _clock.Read();
        await _outbox.AppendAsync(new NewEvent(now.ToWall(atNs), "", EventKinds.Lost, loss.Edges, now.Synced), cancel).ConfigureAwait(false);
        for (var i = 0; i < _sensors.Length; i++)
        {
            Begin(i, loss.Levels, atNs);
            await SendAsync(i, cancel).ConfigureAwait(false);
        }

        KeepLevels();
        await SendLevelsAsync(atNs, cancel).ConfigureAwait(false);
    }

    private async ValueTask SendLevelsAsync(long? atNs, CancellationToken cancel)
    {
        var now = _clock.Read();
        foreach (var level in _levels)
        {
            await _outbox.AppendAsync(
                new NewEvent(now.ToWall(atNs ?? now.MonotonicNs), level.Sensor, level.Kind, level.Value, now.Synced), cancel).ConfigureAwait(false);
        }
    }

    // What a sensor has just told.
    private async ValueTask SendAsync(int sensor, CancellationToken cancel)
    {
        if (_told.Count == 0)
        {
            return;
        }

        var now = _clock.Read();
        foreach (var told in _told)
        {
            await _outbox.AppendAsync(new NewEvent(now.ToWall(told.AtNs), _ids[sensor], told.Kind, told.Value, now.Synced), cancel).ConfigureAwait(false);
            if (told.Kind is EventKinds.Passage or BeamCounter.Crossing)
            {
                Interlocked.Increment(ref _passages);
            }
        }

        _told.Clear();
        if (_sensors[sensor].Level is not null)
        {
            KeepLevels();
        }
    }

    private void KeepLevels() =>
        _levels = [.. _sensors.Select((sensor, i) => (sensor, i)).Where(x => x.sensor.Level is not null)
            .Select(x => new SensorLevel(_ids[x.i], _kinds[x.i], x.sensor.Level!.Value))];
}
