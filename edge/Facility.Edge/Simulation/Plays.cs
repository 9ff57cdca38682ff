using System.Globalization;
using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;
using Microsoft.Extensions.Logging;

namespace Facility.Edge.Simulation;

/// <summary>Something to play on a stage, until it ends or is cancelled.</summary>
internal interface IPlay
{
    Task RunAsync(Stage stage, CancellationToken cancel);
}

/// <summary>A recorded day, every day, beginning at the present time of day with the levels of that time.</summary>
internal sealed class DayPlay(IReadOnlyList<DayMoment> moments, double speed, TimeZoneInfo zone, ILogger log) : IPlay
{
    public async Task RunAsync(Stage stage, CancellationToken cancel)
    {
        foreach (var problem in moments.Select(moment => stage.Check(moment.Sensor, moment.Value)).Where(p => p is not null).Distinct())
        {
            log.LogWarning("The recorded day is played without this: {Problem}", problem);
        }

        var day = moments.Where(moment => stage.Check(moment.Sensor, moment.Value) is null).ToList();
        var now = TimeZoneInfo.ConvertTime(stage.Clock.Read().Wall, zone).TimeOfDay;
        var doors = stage.Sensors.Where(sensor => sensor.Kind == EventKinds.Passage).Select(sensor => sensor.Id).ToHashSet();
        foreach (var last in day.Where(moment => moment.Time < now && !doors.Contains(moment.Sensor)).GroupBy(moment => moment.Sensor))
        {
            await stage.PlayAsync(last.Key, last.Last().Value, cancel).ConfigureAwait(false);
        }

        log.LogInformation("Playing a recorded day of {Count} moments from {Now:hh\\:mm\\:ss} at speed {Speed}", day.Count, now, speed);
        while (true)
        {
            foreach (var moment in day.Where(moment => moment.Time >= now))
            {
                if (moment.Time > now)
                {
                    await stage.Clock.PassAsync((moment.Time - now) / speed, cancel).ConfigureAwait(false);
                }

                now = moment.Time;
                await stage.PlayAsync(moment.Sensor, moment.Value, cancel).ConfigureAwait(false);
            }

            await stage.Clock.PassAsync((TimeSpan.FromDays(1) - now) / speed, cancel).ConfigureAwait(false);
            now = TimeSpan.Zero;
        }
    }
}

/// <summary>A recorded counter through the first door, once.</summary>
internal sealed class CounterPlay(CounterRecording recording, Action<string> progress) : IPlay
{
    public async Task RunAsync(Stage stage, CancellationToken cancel)
    {
        var door = stage.Sensors.First(sensor => sensor.Kind == EventKinds.Passage).Id;
        var played = 0;
        foreach (var (at, step) in recording.Steps)
        {
            var wait = at - stage.Clock.Read().Wall;
            if (wait > TimeSpan.Zero)
            {
                await stage.Clock.PassAsync(wait, cancel).ConfigureAwait(false);
            }

            await stage.PlayAsync(door, step, cancel).ConfigureAwait(false);
            if (++played % 2000 == 0 || played == recording.Steps.Count)
            {
                progress($"{played} of {recording.Steps.Count} passages played, at {at:yyyy-MM-dd HH:mm}");
            }
        }

        // The last beam settles only as time goes on.
        await stage.Clock.PassAsync(TimeSpan.FromMinutes(1), cancel).ConfigureAwait(false);
    }
}

/// <summary>A plausible, seeded play for when there is no script: people come and go, and now and then a cabinet opens.</summary>
internal sealed class RandomPlay(int seed, double speed) : IPlay
{
    public async Task RunAsync(Stage stage, CancellationToken cancel)
    {
        var random = new Random(seed);
        var sensors = stage.Sensors.ToArray();
        var inside = 0;
        foreach (var present in sensors.Where(sensor => sensor.Kind == EventKinds.Present))
        {
            await stage.PlayAsync(present.Id, 1, cancel).ConfigureAwait(false);
        }

        while (true)
        {
            await stage.Clock.PassAsync(TimeSpan.FromSeconds(-4 * Math.Log(1 - random.NextDouble())) / speed, cancel).ConfigureAwait(false);
            var sensor = sensors[random.Next(sensors.Length)];
            if (sensor.Kind == EventKinds.Passage)
            {
                var step = random.Next(60) >= inside ? 1 : -1;
                inside += step;
                await stage.PlayAsync(sensor.Id, step, cancel).ConfigureAwait(false);
            }
            else if (sensor.Kind == EventKinds.Temperature)
            {
                await stage.PlayAsync(sensor.Id, Math.Round(19 + 3 * random.NextDouble(), 1), cancel).ConfigureAwait(false);
            }
            else if (sensor.Kind == EventKinds.Presence || (sensor.Kind == EventKinds.Contact && random.Next(20) == 0))
            {
                await PulseAsync(stage, sensor, random, cancel).ConfigureAwait(false);
            }
        }
    }

    private async Task PulseAsync(Stage stage, SensorConfig sensor, Random random, CancellationToken cancel)
    {
        await stage.PlayAsync(sensor.Id, 1, cancel).ConfigureAwait(false);
        await stage.Clock.PassAsync(TimeSpan.FromSeconds(1 + random.NextDouble() * 4) / speed + TimeSpan.FromMilliseconds(50), cancel).ConfigureAwait(false);
        await stage.PlayAsync(sensor.Id, 0, cancel).ConfigureAwait(false);
    }
}

/// <summary>Lines <c>sensor value</c>, such as <c>main-door 1</c>, played at once; ends with its input.</summary>
internal sealed class TypedPlay(TypedInput input, ILogger log) : IPlay
{
    public async Task RunAsync(Stage stage, CancellationToken cancel)
    {
        while (await input.ReadLineAsync(cancel).ConfigureAwait(false) is { } line)
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts.Length == 0)
            {
                continue;
            }

            var problem = parts.Length == 2 && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
                ? stage.Check(parts[0], value)
                : "it is not \"sensor value\", such as main-door 1";
            if (problem is not null)
            {
                log.LogWarning("\"{Line}\" is not played: {Problem}", line, problem);
                continue;
            }

            await stage.PlayAsync(parts[0], double.Parse(parts[1], CultureInfo.InvariantCulture), cancel).ConfigureAwait(false);
        }
    }
}
