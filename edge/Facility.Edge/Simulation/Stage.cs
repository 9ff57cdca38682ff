using System.Collections.Concurrent;
using System.Threading.Channels;
using Facility.Contracts.Mqtt;
using Facility.Edge.Adapters;
using Facility.Edge.Configuration;
using Facility.Edge.Domain;
using Facility.Edge.Ports;

namespace Facility.Edge.Simulation;

/// <summary>The time of a play: the real one, or that of a recording, which passes only as it is played.</summary>
internal interface IStageClock : IEdgeClock
{
    /// <summary>Waits, or lets the recording's time pass.</summary>
    Task PassAsync(TimeSpan duration, CancellationToken cancel);
}

/// <summary>Real time.</summary>
internal sealed class LiveClock(IEdgeClock clock, TimeProvider time) : IStageClock
{
    public ClockReading Read() => clock.Read();

    public Task PassAsync(TimeSpan duration, CancellationToken cancel) => Task.Delay(duration, time, cancel);
}

/// <summary>The time of a recording. Its monotonic clock is its wall clock, in nanoseconds since 1970.</summary>
/// <param name="speed">How many times faster than real; null is as fast as it can be taken.</param>
internal sealed class RecordedClock(DateTimeOffset start, double? speed, TimeProvider time) : IStageClock
{
    private long _ns = (start - DateTimeOffset.UnixEpoch).Ticks * 100;

    public ClockReading Read()
    {
        var ns = Interlocked.Read(ref _ns);
        return new ClockReading(ns, DateTimeOffset.UnixEpoch.AddTicks(ns / 100), Synced: true);
    }

    public async Task PassAsync(TimeSpan duration, CancellationToken cancel)
    {
        if (speed is { } times)
        {
            await Task.Delay(duration / times, time, cancel).ConfigureAwait(false);
        }

        Interlocked.Add(ref _ns, duration.Ticks * 100);
    }
}

/// <summary>Plays what happens at sensors by moving simulated pins, so that everything behind a pin is the real program.</summary>
internal sealed class Stage : IThermometer, IDisposable
{
    private static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan BetweenPeople = TimeSpan.FromMilliseconds(150);

    // Values not read yet. Full only when played faster than they can be read: the oldest is then dropped.
    private static readonly BoundedChannelOptions Temperatures = new(64) { FullMode = BoundedChannelFullMode.DropOldest };

    private readonly SimulatedPins _pins;
    private readonly IStageClock _clock;
    private readonly Dictionary<string, (SensorConfig Config, int FirstLine)> _sensors = [];
    private readonly ConcurrentDictionary<string, (Channel<double> Played, double Last)> _temperatures = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);

    public Stage(EdgeConfig config, SimulatedPins pins, IStageClock clock)
    {
        (_pins, _clock) = (pins, clock);
        var line = 0;
        foreach (var sensor in config.Sensors)
        {
            _sensors[sensor.Id] = (sensor, line);
            line += sensor.Lines.Count;
            if (sensor.Kind == EventKinds.Temperature)
            {
                _temperatures[sensor.Id] = (Channel.CreateBounded<double>(Temperatures), 20);
            }
        }
    }

    public IStageClock Clock => _clock;

    public void Dispose() => _oneAtATime.Dispose();

    public IEnumerable<SensorConfig> Sensors => _sensors.Values.Select(sensor => sensor.Config);

    /// <summary>What is wrong with a sensor or value; null when it can be played.</summary>
    public string? Check(string sensor, double value) =>
        !_sensors.TryGetValue(sensor, out var known) ? $"there is no sensor {sensor}; there are {string.Join(", ", _sensors.Keys)}"
        : !EventKinds.Allows(known.Config.Kind, value) ? $"{value} is not allowed for {sensor}; allowed is {EventKinds.AllowedValues(known.Config.Kind)}"
        : null;

    /// <summary>Plays one thing; a passage of 3 is three people, one after the other.</summary>
    public async Task PlayAsync(string sensor, double value, CancellationToken cancel)
    {
        var (config, line) = _sensors[sensor];
        if (config.Kind == EventKinds.Temperature)
        {
            _temperatures[sensor].Played.Writer.TryWrite(value);
            Changed?.Invoke();
            return;
        }

        await _oneAtATime.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var debounce = config.Lines[0].Debounce + Settled;
            if (config.Kind != EventKinds.Passage)
            {
                // Held until it has settled: "aed-door 1" and "aed-door 0" in one breath would be a bounce, and no event.
                await DriveAsync(line, value != 0, debounce, cancel).ConfigureAwait(false);
                return;
            }

            for (var i = 0; i < Math.Abs(value); i++)
            {
                await PassAsync(config, value > 0 ? line : line + config.Lines.Count - 1, value > 0 ? line + config.Lines.Count - 1 : line, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    // The line on the side that a person comes from, and the other; one beam is both.
    private async Task PassAsync(SensorConfig door, int near, int far, CancellationToken cancel)
    {
        var settle = door.Lines[0].Debounce + Settled;
        if (door.Counter == Counter.Pulses)
        {
            await DriveAsync(near, true, settle, cancel).ConfigureAwait(false);
            await DriveAsync(near, false, settle, cancel).ConfigureAwait(false);
            return;
        }

        await DriveAsync(near, true, settle, cancel).ConfigureAwait(false);
        await DriveAsync(far, true, settle, cancel).ConfigureAwait(false);
        await DriveAsync(near, false, near == far ? BetweenPeople : settle, cancel).ConfigureAwait(false);
        await DriveAsync(far, false, BetweenPeople, cancel).ConfigureAwait(false);
    }

    private async Task DriveAsync(int line, bool level, TimeSpan hold, CancellationToken cancel)
    {
        await _pins.DriveAsync(line, level, _clock.Read().MonotonicNs, cancel).ConfigureAwait(false);
        await _clock.PassAsync(hold, cancel).ConfigureAwait(false);
    }

    public event Action? Changed;

    /// <summary>The next value that was played, or the last again; 20 before the first.</summary>
    public double Read(string sensor, string? file)
    {
        var (played, last) = _temperatures[sensor];
        if (played.Reader.TryRead(out var value))
        {
            _temperatures[sensor] = (played, last = value);
        }

        if (played.Reader.TryPeek(out _))
        {
            Changed?.Invoke();
        }

        return last;
    }
}
