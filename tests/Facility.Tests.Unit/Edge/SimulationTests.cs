using Facility.Contracts.Mqtt;
using Facility.Edge.Adapters;
using Facility.Edge.Configuration;
using Facility.Edge.Pipeline;
using Facility.Edge.Ports;
using Facility.Edge.Simulation;
using Microsoft.Extensions.Logging.Abstractions;

namespace Facility.Tests.Unit.Edge;

public sealed class SimulationTests : IDisposable
{
    private const string Config = """
        {"site":"ratelaar","device":"ratelaar-01","broker":{"url":"mqtt://localhost"},
         "sensors":[{"id":"door","kind":"passage"},{"id":"pir","kind":"presence","holdSeconds":5},{"id":"aed","kind":"contact"}]}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("edge").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_recorded_counter_comes_out_of_the_outbox_exactly_within_its_half_hours()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("America/Los_Angeles");
        var recording = CounterRecording.Read(["flow,date,time,count", "7,07/24/05,08:00:00,3", "9,07/24/05,08:00:00,5", "9,10/30/05,01:30:00,2"], zone);
        var events = await PlayAsync(new CounterPlay(recording, _ => { }), recording.Steps[0].At, ordinary: 11);
        var passages = events.Where(e => e.Kind == EventKinds.Passage).ToList();
        Assert.Equal((7, 3), (passages.Count(e => e.Value == 1), passages.Count(e => e.Value == -1)));
        var start = new DateTimeOffset(2005, 7, 24, 8, 0, 0, TimeSpan.FromHours(-7));
        Assert.All(passages.Take(8), e => Assert.InRange(e.At, start, start.AddMinutes(30)));
    }

    [Fact]
    public async Task Levels_are_sent_at_the_start_and_presence_ends_after_its_hold()
    {
        var events = await PlayAsync(new Script([("aed", 1), ("pir", 1), ("pir", 0)]), DateTimeOffset.UnixEpoch.AddYears(50), 3);
        Assert.Equal([("pir", 0.0), ("pir", 1.0), ("pir", 0.0), ("aed", 0.0), ("aed", 1.0)], events.Select(e => (e.Sensor, e.Value)));

        // The line was high for its debounce of 20 ms and 5 ms more; the hold of 6 s counts from its end.
        Assert.Equal(TimeSpan.FromSeconds(6) + TimeSpan.FromMilliseconds(25), events[2].At - events[1].At);
    }

    [Fact]
    public void A_recorded_day_is_read_as_csv_and_as_json_for_its_own_site()
    {
        var csv = DayScript.Read(["time,site,sensor,value", "09:00:00,ratelaar,door,1", "08:00:00,ratelaar,aed,1", "08:30:00,other,door,1"], json: false, "ratelaar");
        Assert.Equal(["aed", "door"], csv.Select(moment => moment.Sensor));
        Assert.Equal(csv[1], Assert.Single(DayScript.Read(["""{"time":"09:00:00","sensor":"door","value":1}"""], json: true, "ratelaar")));
        Assert.Contains("line 2", Assert.Throws<FormatException>(() => DayScript.Read(["time,sensor,value", "9 o'clock,door,1"], json: false, "x")).Message, StringComparison.Ordinal);
    }

    // Urgent events come after the ordinary ones in what is returned.
    private async Task<List<DeviceEvent>> PlayAsync(IPlay play, DateTimeOffset start, int ordinary)
    {
        var config = ConfigReader.Read(Config, simulate: true);
        var clock = new RecordedClock(start.AddMinutes(-1), speed: null, TimeProvider.System);
        using var pins = new SimulatedPins();
        await using var outbox = new SqliteOutbox(_folder, config.Site, config.Device, "boot", TimeProvider.System, NullLogger<SqliteOutbox>.Instance);
        using var stage = new Stage(config, pins, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        using var pipeline = new SensorPipeline(config, pins, outbox, clock, TimeProvider.System, NullLogger<SensorPipeline>.Instance);
        pipeline.Claim();
        var running = pipeline.RunAsync(stop.Token);
        await play.RunAsync(stage, stop.Token);
        stop.CancelAfter(TimeSpan.FromSeconds(20));
        while (outbox.Info(StreamKind.Ordinary).Highest < ordinary)
        {
            await outbox.FlushAsync(stop.Token);
            await Task.Yield();
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await outbox.FlushAsync(TestContext.Current.CancellationToken);
        return [.. outbox.Read(StreamKind.Ordinary, 1, 500).Events, .. outbox.Read(StreamKind.Urgent, 1, 500).Events];
    }

    private sealed class Script((string Sensor, double Value)[] moments) : IPlay
    {
        public async Task RunAsync(Stage stage, CancellationToken cancel)
        {
            foreach (var (sensor, value) in moments)
            {
                await stage.PlayAsync(sensor, value, cancel);
                await stage.Clock.PassAsync(TimeSpan.FromSeconds(1), cancel);
            }

            await stage.Clock.PassAsync(TimeSpan.FromMinutes(1), cancel);
        }
    }
}
