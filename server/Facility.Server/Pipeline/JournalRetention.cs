namespace Facility.Server.Pipeline;

/// <summary>
/// Trims the journal: entries that are older than the retention and that every follower has taken and saved. A follower
/// that lags, such as an InfluxDB that is away, keeps them however old they are.
/// </summary>
/// <remarks>
/// In steps of 200 entries within the pipeline's own transactions, with a pause between: ingestion waits some milliseconds at
/// most, and no second writer competes for the file. What devices send again is told apart by their streams, which stay.
/// </remarks>
public sealed class JournalRetention(
    ServerOptions options, IngestionPipeline pipeline, Func<IEnumerable<IFollowerPosition>> followers, TimeProvider time, ILogger<JournalRetention> logger) : BackgroundService
{
    private const int Step = 200;
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.JournalRetention is not { } kept)
        {
            return;
        }

        try
        {
            using var timer = new PeriodicTimer(Every, time);
            do
            {
                var trimmed = 0L;
                for (var step = Step; step >= Step - 1; trimmed += step)
                {
                    var taken = followers().Select(f => f.Saved).DefaultIfEmpty(0).Min();
                    step = taken == 0 ? 0 : await pipeline.TrimAsync(kept, taken, Step, stoppingToken);
                    await Task.Delay(Pause, time, stoppingToken);
                }

                if (trimmed > 0)
                {
                    logger.LogInformation("{Entries} entries older than {Days} days are no longer in the journal", trimmed, kept.TotalDays);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }
}
