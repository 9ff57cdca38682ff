using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;
using Facility.Edge.Domain;
using Facility.Edge.Ports;
using Microsoft.Extensions.Logging;

namespace Facility.Edge.Pipeline;

/// <summary>
/// Reads each temperature every ten seconds, and when it is told to; tells what moved by its deadband, or was not told for too long. A reading that
/// fails, or cannot be true, is a <c>fault</c> of 1, once, and of 0 when it works again.
/// </summary>
internal sealed class Temperatures(
    EdgeConfig config, IThermometer thermometer, IOutbox outbox, IEdgeClock clock, TimeProvider time, ILogger<Temperatures> log)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    public async Task RunAsync(CancellationToken cancel)
    {
        var sensors = config.Sensors.Where(sensor => sensor.Kind == EventKinds.Temperature).ToArray();
        var deadbands = new Deadband[sensors.Length];
        var standing = outbox.Standing;
        var faults = sensors.Select(sensor => standing.Contains((sensor.Id, EventKinds.Fault))).ToArray();
        var changed = new Signal();
        thermometer.Changed += changed.Set;
        while (true)
        {
            for (var i = 0; i < sensors.Length; i++)
            {
                var value = Read(sensors[i], faults[i]);
                var now = clock.Read();
                var fault = value is null;
                if (fault != faults[i])
                {
                    faults[i] = fault;
                    await Send(sensors[i].Id, EventKinds.Fault, fault ? 1 : 0, now).ConfigureAwait(false);
                }

                if (value is { } celsius)
                {
                    (deadbands[i], var report) = deadbands[i].Step(
                        celsius, now.MonotonicNs, sensors[i].Deadband, (long)sensors[i].MaxInterval.TotalNanoseconds);
                    if (report)
                    {
                        await Send(sensors[i].Id, EventKinds.Temperature, Math.Round(celsius, 2), now).ConfigureAwait(false);
                    }
                }
            }

            await Task.WhenAny(changed.WaitAsync(), Task.Delay(Interval, time, cancel)).ConfigureAwait(false);
            cancel.ThrowIfCancellationRequested();
            changed.Clear();
        }

        ValueTask Send(string sensor, string kind, double value, ClockReading now) =>
            outbox.AppendAsync(new NewEvent(now.ToWall(now.MonotonicNs), sensor, kind, value, now.Synced), cancel);
    }

    private double? Read(SensorConfig sensor, bool wasFault)
    {
        try
        {
            var celsius = thermometer.Read(sensor.Id, sensor.File);
            return EventKinds.Allows(EventKinds.Temperature, celsius)
                ? celsius
                : throw new IOException($"{celsius} is not a temperature; allowed is {EventKinds.AllowedValues(EventKinds.Temperature)}");
        }
        catch (IOException e)
        {
            if (!wasFault)
            {
                log.LogWarning("Sensor {Sensor} cannot be read: {Why}", sensor.Id, e.Message);
            }

            return null;
        }
    }
}
