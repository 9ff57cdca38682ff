using System.Collections.Concurrent;
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
    private readonly SimulatedPins _pins;
    private readonly IStageClock _clock;
    private readonly Dictionary<string, (SensorConfig Config, int FirstLine)> _sensors = [];
    private readonly ConcurrentDictionary<string, double> _temperatures = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);

    public Stage(EdgeConfig config, SimulatedPins pins, IStageClock clock)
    {
        (_pins, _clock) = (pins, clock);
        var line = 0;
        foreach (var sensor in config.Sensors)
        {
            _sensors[sensor.Id] = (sensor, line);
            line += sensor.Lines.Count;
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
            _temperatures[sensor] = value;
            return;
        }

        await _oneAtATime.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (config.Kind != EventKinds.Passage)
            {
                await DriveAsync(line, value != 0, cancel).ConfigureAwait(false);

                // Held until it has settled: "aed-door 1" and "aed-door 0" in one breath would be a bounce, and no event.
                await _clock.PassAsync(config.Lines[0].Debounce + Settled, cancel).ConfigureAwait(false);
                return;
            }

            var step = StepOf(config);
            var (near, far) = value > 0 ? (line, line + 1) : (line + 1, line);
            for (var i = 0; i < Math.Abs(value); i++)
            {
                await DriveAsync(near, true, cancel).ConfigureAwait(false);
                await _clock.PassAsync(step, cancel).ConfigureAwait(false);
                await DriveAsync(far, true, cancel).ConfigureAwait(false);
                await _clock.PassAsync(step, cancel).ConfigureAwait(false);
                await DriveAsync(near, false, cancel).ConfigureAwait(false);
                await _clock.PassAsync(step, cancel).ConfigureAwait(false);
                await DriveAsync(far, false, cancel).ConfigureAwait(false);
                await _clock.PassAsync(step, cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public double Read(string sensor, string? file) => _temperatures.GetValueOrDefault(sensor, 20);

    private static TimeSpan StepOf(SensorConfig door) => TimeSpan.FromMilliseconds(Math.Max(20, 2 * door.Lines[0].Debounce.TotalMilliseconds));

    private ValueTask DriveAsync(int line, bool level, CancellationToken cancel) =>
        _pins.DriveAsync(line, level, _clock.Read().MonotonicNs, cancel);
}
