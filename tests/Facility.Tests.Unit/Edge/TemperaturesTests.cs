using Facility.Edge.Adapters;
using Facility.Edge.Configuration;
using Facility.Edge.Pipeline;
using Facility.Edge.Ports;
using Facility.Edge.Simulation;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Edge;

public sealed class TemperaturesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edge").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Each_typed_temperature_is_told_and_none_waits_for_the_next_reading()
    {
        var config = ConfigReader.Read(
            """{"site":"s","device":"d","broker":{"url":"mqtt://localhost"},"sensors":[{"id":"t","kind":"temperature"}]}""", simulate: true);
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        var clock = new LiveClock(new SystemClock(time, alwaysSynced: true), time);
        using var pins = new SimulatedPins();
        using var stage = new Stage(config, pins, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await using var outbox = new SqliteOutbox(_folder, "s", "d", "boot-1", time, NullLogger<SqliteOutbox>.Instance);
        var running = new Temperatures(config, stage, outbox, clock, time, NullLogger<Temperatures>.Instance).RunAsync(stop.Token);
        foreach (var value in new[] { 21.0, 35, 36, 5 })
        {
            await stage.PlayAsync("t", value, stop.Token);
        }

        stop.CancelAfter(TimeSpan.FromSeconds(20));
        while (outbox.Info(StreamKind.Ordinary).Highest < 5)
        {
            await outbox.FlushAsync(stop.Token);
            await Task.Yield();
        }

        Assert.Equal([20.0, 21, 35, 36, 5], outbox.Read(StreamKind.Ordinary, 1, 10).Events.Select(e => e.Value));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }
}
