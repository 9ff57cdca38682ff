using System.Threading.Channels;
using Facility.Contracts.Mqtt;
using Facility.Domain.Ingestion;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>
/// From a device's message to its acknowledgement:
/// <code>read (here) ─► [at most 1,000 wait] ─► order · admit · journal (Intake) ─► commit ─► ack ─► PUBACK</code>
/// One writer takes all that waits into one transaction, so that one fsync serves many batches; urgent batches wait in a line
/// of their own, of as many, and go first.
/// </summary>
/// <remarks>
/// Failure story. A crash before the commit: nothing was acknowledged, the device sends again. After the commit, before
/// the ack: the device sends again, a duplicate is dropped and acknowledged. The journal cannot be written (disk full):
/// the same transaction is tried again every second, <c>/health/ready</c> says so, nothing is acknowledged; the queue
/// fills (at most 2 times 1,000 batches of 64 KiB: 128 MB) and then the broker waits, since it gets no PUBACK.
/// </remarks>
public sealed class IngestionPipeline(
    IJournalWriter journal, SitesDirectory sites, DeviceDirectory devices, DeviceOutbox outbox, ServerCounters counters, ServerHealth health,
    TimeProvider time, ILogger<IngestionPipeline> logger) : BackgroundService
{
    private const int MostWaiting = 1000;
    private const int MostInTransaction = 500;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GapAnswerEvery = TimeSpan.FromSeconds(1);

    private readonly Channel<Inbound> waiting = Channel.CreateBounded<Inbound>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Channel<Inbound> urgent = Channel.CreateBounded<Inbound>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly DeviceShares shares = new();
    private readonly Dictionary<long, long> gapAnswers = [];
    private Task? something, somethingUrgent;

    /// <summary>Takes a batch of events; waits while the queue is full. Of a device whose share is full it is dropped: the device sends it again.</summary>
    /// <param name="acknowledge">Called once, when the batch is on disk or needs no place there (PUBACK).</param>
    public async ValueTask OfferAsync(string site, string device, byte[] payload, Func<Task> acknowledge, CancellationToken cancellation, bool isUrgent = false)
    {
        if (!shares.TryEnter(site, device, isUrgent))
        {
            counters.OverShare();
            await acknowledge();
            return;
        }

        var (batch, refusal) = BatchReader.Read(payload);
        if (payload.Length > Contracts.Limits.BatchBytes)
        {
            // Kept for inspection: its beginning is enough, and the queue stays within its bound.
            payload = payload[..Contracts.Limits.BatchBytes];
        }

        await (isUrgent ? urgent : waiting).Writer.WriteAsync(new InboundBatch(site, device, payload, acknowledge, batch, refusal, isUrgent), cancellation);
    }

    /// <summary>Appends a fact that no device told; completes when it is on disk.</summary>
    public async Task AppendAsync(string site, string device, JournalFact fact, CancellationToken cancellation = default)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await waiting.Writer.WriteAsync(new InboundFact(site, device, fact, done), cancellation);
        await done.Task.WaitAsync(cancellation);
    }

    /// <summary>One step of trimming the journal, in a transaction of its own or with what else waits.</summary>
    /// <returns>Entries deleted, once that is on disk.</returns>
    public async Task<int> TrimAsync(DateTimeOffset before, long upTo, int most, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await waiting.Writer.WriteAsync(new InboundTrim(before, upTo, most, done), cancellation);
        return await done.Task.WaitAsync(cancellation);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var taken = new List<Inbound>(MostInTransaction);
        try
        {
            while (true)
            {
                taken.Clear();
                while (taken.Count < MostInTransaction && (urgent.Reader.TryRead(out var next) || waiting.Reader.TryRead(out next)))
                {
                    taken.Add(next);
                    if (next is InboundBatch batch)
                    {
                        shares.Leave(batch.Site, batch.Device, batch.IsUrgent);
                    }
                }

                if (taken.Count == 0)
                {
                    await SomethingAsync(stoppingToken);
                    continue;
                }

                var intake = await WriteAsync(taken, stoppingToken);
                intake.Tell(outbox, devices, counters);
                counters.Commit();
                await ReleaseAsync(taken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // What waits was never acknowledged: it comes again.
        }
    }

    // Asked anew only when it was answered: a line keeps each of its askers until something comes.
    private async Task SomethingAsync(CancellationToken stopping)
    {
        somethingUrgent ??= urgent.Reader.WaitToReadAsync(stopping).AsTask();
        something ??= waiting.Reader.WaitToReadAsync(stopping).AsTask();
        await await Task.WhenAny(somethingUrgent, something);
        somethingUrgent = somethingUrgent.IsCompleted ? null : somethingUrgent;
        something = something.IsCompleted ? null : something;
    }

    private async Task<Intake> WriteAsync(List<Inbound> taken, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                var intake = new Intake(journal, sites, journal.Begin(), MayAnswerGap);
                taken.ForEach(intake.Take);
                intake.Finish();
                journal.Commit();
                if (health.Journal is not null)
                {
                    logger.LogInformation("The journal can be written again");
                    health.Journal = null;
                }

                return intake;
            }
            catch (JournalUnavailableException e)
            {
                journal.Rollback();
                counters.JournalFailure();
                if (health.Journal is null)
                {
                    logger.LogError("{Message} Nothing is acknowledged until it can; devices keep their events. Is the disk full?", e.Message);
                }

                health.Journal = e.Message;
                await Task.Delay(RetryAfter, time, cancellation);
            }
        }
    }

    private async Task ReleaseAsync(List<Inbound> taken)
    {
        foreach (var inbound in taken)
        {
            if (inbound is InboundFact fact)
            {
                fact.Done.TrySetResult();
                continue;
            }

            if (inbound is not InboundBatch batch)
            {
                continue;
            }

            try
            {
                await batch.Acknowledge();
            }
#pragma warning disable CA1031 // The connection it came by may be gone: then the broker sends it again, and it is a duplicate.
            catch (Exception e)
#pragma warning restore CA1031
            {
                logger.LogDebug(e, "A PUBACK could not be sent");
            }
        }
    }

    private bool MayAnswerGap(StreamRow stream)
    {
        var now = time.GetTimestamp();
        if (gapAnswers.TryGetValue(stream.Id, out var last) && time.GetElapsedTime(last, now) < GapAnswerEvery)
        {
            return false;
        }

        if (gapAnswers.Count >= 10_000)
        {
            gapAnswers.Clear();
        }

        gapAnswers[stream.Id] = now;
        return true;
    }
}
