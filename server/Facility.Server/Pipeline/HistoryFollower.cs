using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>
/// Ships queued changes and figures of occupancy to the time series and deletes them once they are there. A series store that is
/// down is a queue that grows; a crash between the two writes them again, which changes nothing.
/// </summary>
public sealed class HistoryFollower(IOccupancyStore store, ISeriesStore series, TimeProvider time, ILogger<HistoryFollower> logger) : BackgroundService
{
    private const int Portion = 5000;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Pause;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await ShipAsync(stoppingToken))
                {
                }

                pause = Pause;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it is, what is queued stays queued; a failure here must not end the server.
            catch (Exception e)
#pragma warning restore CA1031
            {
                logger.LogWarning(
                    e is SeriesUnavailableException or System.Data.Common.DbException ? null : e,
                    "Occupancy waits for the time series, next try in {Seconds} s: {Problem}", pause.TotalSeconds, e.Message);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>Whether there was something to ship.</returns>
    internal async Task<bool> ShipAsync(CancellationToken cancellation)
    {
        var (changes, position) = store.Queued(Portion);
        if (changes.Count > 0)
        {
            await series.WriteAsync([], changes, cancellation);
            store.Shipped(position);
        }

        var (figures, last) = store.QueuedFigures(Portion);
        if (figures.Count > 0)
        {
            await series.WriteAsync(figures, cancellation);
            store.FiguresShipped(last);
        }

        return changes.Count + figures.Count > 0;
    }
}
