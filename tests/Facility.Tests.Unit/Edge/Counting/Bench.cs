using Facility.Contracts.Mqtt;
using Facility.Edge.Adapters;
using Facility.Edge.Configuration;
using Facility.Edge.Domain;
using Facility.Edge.Pipeline;
using Facility.Edge.Ports;
using Microsoft.Extensions.Logging.Abstractions;

namespace Facility.Tests.Unit.Edge.Counting;

/// <summary>The agent's own pipeline on simulated pins, with edges at given times, to what it would store.</summary>
internal static class Bench
{
    public const string Door = """{"id":"door","kind":"passage","beams":[0,1]}""";

    /// <param name="sensors">The entries of a configuration; their lines are numbered in that order.</param>
    /// <param name="edges">In order; seconds.</param>
    /// <param name="endsAt">Until when time goes on.</param>
    /// <param name="before">The urgent events in the outbox from before the start.</param>
    /// <returns>What was told, without the levels at the start; times in seconds.</returns>
    public static async Task<List<(double At, string Sensor, string Kind, double Value)>> PlayAsync(
        string sensors, IEnumerable<(double At, int Line, bool Level)> edges, double endsAt, IReadOnlyList<DeviceEvent>? before = null)
    {
        using var pins = new SimulatedPins();
        return await PlayAsync(
            sensors, pins, async end =>
            {
                foreach (var (at, line, level) in edges)
                {
                    await pins.DriveAsync(line, level, (long)(at * 1e9), TestContext.Current.CancellationToken);
                }

                await pins.DriveAsync(end, true, (long)(endsAt * 1e9), TestContext.Current.CancellationToken);
            }, before);
    }

    /// <param name="play">Moves the pins; last of all the line that it is given, to active.</param>
    public static async Task<List<(double At, string Sensor, string Kind, double Value)>> PlayAsync(
        string sensors, IPins pins, Func<int, Task> play, IReadOnlyList<DeviceEvent>? before = null)
    {
        var config = ConfigReader.Read(
            $$"""{"site":"s","device":"d","broker":{"url":"mqtt://localhost"},"sensors":[{{sensors}},{"id":"end","kind":"tamper","pin":1000,"debounceMs":0}]}""",
            simulate: true);
        var (outbox, clock) = (new ListedOutbox(before ?? []), new StoppedClock());
        using var pipeline = new SensorPipeline(config, pins, outbox, clock, TimeProvider.System, NullLogger<SensorPipeline>.Instance);
        pipeline.Claim();
        var running = pipeline.RunAsync(TestContext.Current.CancellationToken);
        await play(config.Sensors.Sum(sensor => sensor.Lines.Count) - 1);
        await Task.WhenAny(running, outbox.Ended.Task).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        pins.Dispose();
        await running;
        return [.. outbox.Events.Skip(pipeline.Levels.Count).SkipLast(1).Select(e => ((e.At - DateTimeOffset.UnixEpoch).TotalSeconds, e.Sensor, e.Kind, e.Value))];
    }

    // Time is that of the edges.
    private sealed class StoppedClock : IEdgeClock
    {
        public ClockReading Read() => new(0, DateTimeOffset.UnixEpoch, true);
    }

    private sealed class ListedOutbox(IReadOnlyList<DeviceEvent> before) : IOutbox
    {
        public List<NewEvent> Events { get; } = [];

        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public event Action? Written;

        public event Action? LevelsWanted;

        public ValueTask AppendAsync(NewEvent e, CancellationToken cancel)
        {
            Events.Add(e);
            if (e is { Sensor: "end", Value: 1 })
            {
                Ended.SetResult();
            }

            return ValueTask.CompletedTask;
        }

        public Task FlushAsync(CancellationToken cancel) => Task.CompletedTask;

        public StreamInfo Info(StreamKind kind) => new(Guid.Empty, 1, before.Count, 0, before.Count);

        public OutboxBatch Read(Guid stream, long from, int atMost) => new(before, null);

        public IReadOnlySet<(string Sensor, string Kind)> Standing => before.Where(e => e.Value == 1).Select(e => (e.Sensor, e.Kind)).ToHashSet();

        public bool TimeIsKnown(TimeSpan correction) => true;

        public void MarkAcknowledged(Guid stream, long seq) => Written?.Invoke();

        public void BeginStream(Guid insteadOf) => LevelsWanted?.Invoke();

        public void ReplaceByLoss(Guid stream, long seq) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
