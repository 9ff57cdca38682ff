using Facility.Domain.Ingestion;

namespace Facility.Server.Pipeline;

/// <summary>Journals each change of a device's reachability, so that a replay knows it too.</summary>
public sealed class ReachabilitySweep(DeviceDirectory devices, IngestionPipeline pipeline, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            using var timer = new PeriodicTimer(Every, time);
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                foreach (var (site, device, reachable) in devices.Unjournaled())
                {
                    await pipeline.AppendAsync(site, device, new ReachabilityChanged(reachable), stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }
}
