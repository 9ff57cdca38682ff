using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;
using Facility.Edge.Domain;
using Facility.Edge.Ports;
using Microsoft.Extensions.Logging;

namespace Facility.Edge.Pipeline;

/// <summary>
/// From pin to outbox: edges in order of time, debounced where the pins do not do so, through each sensor's rule, to events.
/// </summary>
/// <remarks>
/// One loop owns all state. It waits for the outbox, and so makes the pins wait. After lost edges it reads the levels
/// again, forgets half-told stories at doors, and sends each level.
/// </remarks>
internal sealed class SensorPipeline
{
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(4);

    private readonly IPins _pins;
    private readonly IOutbox _outbox;
    private readonly IEdgeClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SensorState[] _sensors;
    private readonly Line[] _lines;
    private readonly Debouncer[] _debouncers;
    private readonly Signal _levelsWanted = new();
    private volatile IReadOnlyList<SensorLevel> _levels = [];
    private long _passages;
    private long _turns;

    private readonly record struct Line(SensorState Sensor, int Beam, long DebounceNs, PinLine Pin);

    public SensorPipeline(EdgeConfig config, IPins pins, IOutbox outbox, IEdgeClock clock, TimeProvider time, ILogger<SensorPipeline> log)
    {
        (_pins, _outbox, _clock, _time, _log) = (pins, outbox, clock, time, log);
        var withPins = config.Sensors.Where(sensor => sensor.Lines.Count > 0).ToList();
        _sensors = [.. withPins.Select(sensor => new SensorState(sensor))];
        _lines = [.. withPins.SelectMany((sensor, i) => sensor.Lines.Select((pin, beam) => new Line(
            _sensors[i],
            beam,
            pins.Debounces ? 0 : (long)pin.Debounce.TotalNanoseconds,
            pin)))];
        _debouncers = new Debouncer[_lines.Length];
        outbox.LevelsWanted += _levelsWanted.Set;
    }

    /// <summary>The present level of each level sensor, for the status.</summary>
    public IReadOnlyList<SensorLevel> Levels => _levels;

    /// <summary>How many passages were given to the outbox.</summary>
    public long Passages => Interlocked.Read(ref _passages);

    /// <summary>How often the loop went round: at least once in <see cref="LongestWait"/>, or it hangs.</summary>
    public long Turns => Interlocked.Read(ref _turns);

    /// <exception cref="PinsException">The chip or a line cannot be had.</exception>
    public void Claim()
    {
        _pins.Claim([.. _lines.Select(line => line.Pin)]);
        Begin(_clock.Read().MonotonicNs);
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        await SendLevelsAsync(cancel).ConfigureAwait(false);
        Task<bool>? more = null;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            Interlocked.Increment(ref _turns);
            if (_pins.Edges.TryRead(out var edge))
            {
                await StepAsync(edge, cancel).ConfigureAwait(false);
                continue;
            }

            if (_levelsWanted.Clear())
            {
                await SendLevelsAsync(cancel).ConfigureAwait(false);
            }

            var now = _clock.Read().MonotonicNs;
            var due = NextDue();
            if (due <= now)
            {
                await AdvanceAsync(now, cancel).ConfigureAwait(false);
                continue;
            }

            more = more is { IsCompleted: false } ? more : _pins.Edges.WaitToReadAsync(cancel).AsTask();
            var wait = due is { } at && at - now < LongestWait.TotalNanoseconds ? TimeSpan.FromMicroseconds((at - now) / 1000 + 1) : LongestWait;
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            await Task.WhenAny(more, _levelsWanted.WaitAsync(), Task.Delay(wait, _time, enough.Token)).ConfigureAwait(false);
            await enough.CancelAsync().ConfigureAwait(false);
            if (more.IsCompletedSuccessfully && !more.Result)
            {
                return;
            }
        }
    }

    private async ValueTask StepAsync(PinEdge edge, CancellationToken cancel)
    {
        await AdvanceAsync(edge.TimestampNs, cancel).ConfigureAwait(false);
        if (edge.LostBefore)
        {
            _log.LogWarning("Edges of the pins were lost; the levels are read again");
            Begin(edge.TimestampNs);
            await SendLevelsAsync(cancel).ConfigureAwait(false);
        }

        _debouncers[edge.Line] = _debouncers[edge.Line].Step(edge.Level, edge.TimestampNs);
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
                    var at = _debouncers[i].ChangedNs;
                    await SendAsync(_lines[i].Sensor, _lines[i].Sensor.Step(_lines[i].Beam, _debouncers[i].Stable, at), at, cancel).ConfigureAwait(false);
                }
            }

            foreach (var sensor in _sensors.Where(sensor => sensor.DueNs <= due))
            {
                await SendAsync(sensor, sensor.Settle(due), due, cancel).ConfigureAwait(false);
            }
        }
    }

    private long? NextDue()
    {
        long? due = null;
        for (var i = 0; i < _lines.Length; i++)
        {
            due = Earlier(due, _debouncers[i].DueNs(_lines[i].DebounceNs));
        }

        foreach (var sensor in _sensors)
        {
            due = Earlier(due, sensor.DueNs);
        }

        return due;
    }

    private static long? Earlier(long? a, long? b) => a is null || b < a ? b : a;

    private void Begin(long nowNs)
    {
        var levels = _pins.ReadLevels();
        for (var i = 0; i < _lines.Length; i++)
        {
            _debouncers[i] = Debouncer.At(levels[i], nowNs);
        }

        foreach (var sensor in _sensors)
        {
            sensor.Begin([.. _lines.Select((line, i) => (line, i)).Where(x => x.line.Sensor == sensor).Select(x => levels[x.i])], nowNs);
        }

        KeepLevels();
    }

    private async ValueTask SendLevelsAsync(CancellationToken cancel)
    {
        var now = _clock.Read();
        foreach (var level in _levels)
        {
            await _outbox.AppendAsync(new NewEvent(now.ToWall(now.MonotonicNs), level.Sensor, level.Kind, level.Value, now.Synced), cancel).ConfigureAwait(false);
        }
    }

    private async ValueTask SendAsync(SensorState sensor, double? value, long atNs, CancellationToken cancel)
    {
        if (value is not { } v)
        {
            return;
        }

        var now = _clock.Read();
        await _outbox.AppendAsync(new NewEvent(now.ToWall(atNs), sensor.Id, sensor.Kind, v, now.Synced), cancel).ConfigureAwait(false);
        if (sensor.IsLevel)
        {
            KeepLevels();
        }
        else
        {
            Interlocked.Increment(ref _passages);
        }
    }

    private void KeepLevels() =>
        _levels = [.. _sensors.Where(sensor => sensor.IsLevel).Select(sensor => new SensorLevel(sensor.Id, sensor.Kind, sensor.Level))];
}
