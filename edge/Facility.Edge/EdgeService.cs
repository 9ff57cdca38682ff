using Facility.Edge.Pipeline;
using Facility.Edge.Ports;
using Facility.Edge.Simulation;
using Facility.Edge.Uplink;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Facility.Edge;

/// <summary>Runs the parts of the agent together; the end of one is the end of all.</summary>
internal sealed class EdgeService(
    EdgeOptions options, SensorPipeline pipeline, Temperatures temperatures, MqttUplink uplink, IOutbox outbox, IServiceProvider services,
    IHostApplicationLifetime lifetime, ILogger<EdgeService> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var recording = services.GetService<CounterRecording>();
        var parts = new List<Task> { pipeline.RunAsync(stop.Token), uplink.RunAsync(stop.Token) };

        // A counter is alone on its clock: a temperature would have the time of the recording.
        if (recording is null)
        {
            parts.Add(temperatures.RunAsync(stop.Token));
        }

        var plays = AllAsync([.. services.GetServices<IPlay>().Select(play => play.RunAsync(services.GetRequiredService<Stage>(), stop.Token))]);
        parts.Add(options.ExitWhenDone ? FinishAsync(plays, recording, stop.Token) : UntilStoppedAsync(plays, stop.Token));
        var first = await Task.WhenAny(parts).ConfigureAwait(false);
        if (first.IsFaulted && !stoppingToken.IsCancellationRequested)
        {
            log.LogCritical(first.Exception.InnerException, "The agent stops");
            Environment.ExitCode = 1;
        }

        await stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(parts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lifetime.StopApplication();
    }

    // Unlike WhenAll it fails with the first: a recorded day never ends, and would hide that typed lines are no longer read.
    private static async Task AllAsync(List<Task> plays)
    {
        while (plays.Count > 0)
        {
            var ended = await Task.WhenAny(plays).ConfigureAwait(false);
            plays.Remove(ended);
            await ended.ConfigureAwait(false);
        }
    }

    // The agent goes on after its input or its recording ended.
    private static async Task UntilStoppedAsync(Task plays, CancellationToken cancel)
    {
        await plays.ConfigureAwait(false);
        await Task.Delay(Timeout.Infinite, cancel).ConfigureAwait(false);
    }

    private async Task FinishAsync(Task plays, CounterRecording? recording, CancellationToken cancel)
    {
        await plays.ConfigureAwait(false);
        while (recording is not null && pipeline.Passages < recording.Steps.Count)
        {
            await Task.Delay(20, cancel).ConfigureAwait(false);
        }

        await outbox.FlushAsync(cancel).ConfigureAwait(false);
        Console.WriteLine("All is in the outbox; waiting for the server's acknowledgement");
        while (!IsAcknowledged(StreamKind.Urgent) || !IsAcknowledged(StreamKind.Ordinary))
        {
            await Task.Delay(50, cancel).ConfigureAwait(false);
        }

        Console.WriteLine(recording is null ? "Done: all events are acknowledged"
            : $"Done: {recording.In} in and {recording.Out} out, all acknowledged");
    }

    private bool IsAcknowledged(StreamKind kind) => outbox.Info(kind) is var stream && stream.Acknowledged >= stream.Highest;
}
