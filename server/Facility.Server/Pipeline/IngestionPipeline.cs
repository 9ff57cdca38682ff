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
/// <c>/health/ready</c> says so, and the same transaction is tried again every second, without the urgent batches in it: those, and
/// what comes to their line meanwhile, are written by themselves into room that is kept for them (<see cref="IJournalWriter.GiveRoom"/>).
/// All else is not acknowledged until the disk has that room again; the queue fills, and then the broker waits, since it gets no
/// PUBACK. Batches in it hold at most 32 MB, and urgent ones 8 MB: of what is over, nothing is taken.
/// </remarks>
public sealed class IngestionPipeline(
    IJournalWriter journal, SitesDirectory sites, DeviceDirectory devices, DeviceOutbox outbox, ServerCounters counters, ServerHealth health,
    TimeProvider time, ILogger<IngestionPipeline> logger) : BackgroundService, IFactJournal
{
    private const int MostWaiting = 1000;
    private const int MostInTransaction = 500;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GapAnswerEvery = TimeSpan.FromSeconds(1);

    private readonly Channel<Inbound> waiting = Channel.CreateBounded<Inbound>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly Channel<Inbound> urgent = Channel.CreateBounded<Inbound>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
    private readonly QueueRoom room = new(32 << 20), urgentRoom = new(8 << 20);
    private readonly DeviceShares shares = new();
    private readonly Dictionary<long, long> gapAnswers = [];
    private Task? something, somethingUrgent;

    /// <summary>Takes a batch of events; waits while the queue is full. Of a device whose share is full, and when the queue's bytes are, it is dropped: the device sends it again.</summary>
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

        if (!(isUrgent ? urgentRoom : room).TryEnter(payload.Length))
        {
            shares.Leave(site, device, isUrgent);
            counters.QueueFull();
            await acknowledge();
            return;
        }

        await (isUrgent ? urgent : waiting).Writer.WriteAsync(new InboundBatch(site, device, payload, acknowledge, batch, refusal, isUrgent), cancellation);
    }

    public async Task AppendAsync(string site, string device, JournalFact fact, CancellationToken cancellation = default)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await waiting.Writer.WriteAsync(new InboundFact(site, device, fact, done), cancellation);
        await done.Task.WaitAsync(cancellation);
    }

    /// <summary>One step of trimming the journal of what is older than <paramref name="kept"/> by its own time, in a transaction of its own or with what else waits.</summary>
    /// <returns>Entries deleted, once that is on disk.</returns>
    public async Task<int> TrimAsync(TimeSpan kept, long upTo, int most, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await waiting.Writer.WriteAsync(new InboundTrim(kept, upTo, most, done), cancellation);
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
                    Left(next);
                }

                if (taken.Count == 0)
                {
                    await SomethingAsync(stoppingToken);
                    continue;
                }

                await WriteAsync(taken, stoppingToken);
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

    // Returns when all of it is on disk, told and released.
    private async Task WriteAsync(List<Inbound> taken, CancellationToken cancellation)
    {
        while (!await TryWriteAsync(taken))
        {
            do
            {
                await WriteUrgentAsync(taken, cancellation);
            }
            while (!journal.KeepRoom());
        }

        journal.KeepRoom();
        if (health.Journal is not null)
        {
            logger.LogInformation("The journal can be written again");
            health.Journal = null;
        }
    }

    private async Task<bool> TryWriteAsync(List<Inbound> some)
    {
        try
        {
            var intake = new Intake(journal, sites, journal.Begin(), MayAnswerGap);
            some.ForEach(intake.Take);
            intake.Finish();
            journal.Commit();
            intake.Tell(outbox, devices, counters);
            counters.Commit();
        }
        catch (JournalUnavailableException e)
        {
            journal.Rollback();
            counters.JournalFailure();
            if (health.Journal is null)
            {
                logger.LogError("{Message} Devices keep their events until it can; where the disk is full, urgent ones are still taken. Is the disk full?", e.Message);
            }

            health.Journal = e.Message;
            return false;
        }

        await ReleaseAsync(some);
        return true;
    }

    // For a second: urgent batches as they come, each with as much of the room that is kept for them as it needs.
    private async Task WriteUrgentAsync(List<Inbound> taken, CancellationToken cancellation)
    {
        using var second = new CancellationTokenSource(RetryAfter, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(second.Token, cancellation);
        var some = taken.Where(t => t is InboundBatch { IsUrgent: true }).ToList();
        taken.RemoveAll(some.Contains);
        while (true)
        {
            while (some.Count < MostInTransaction && urgent.Reader.TryRead(out var next))
            {
                some.Add(next);
                Left(next);
            }

            var written = some.Count == 0;
            while (!written && !(written = await TryWriteAsync(some)) && journal.GiveRoom())
            {
                // There is a part more.
            }

            if (!written)
            {
                // Nothing is left of it: they wait with the others, in front.
                taken.InsertRange(0, some);
                await Task.Delay(Timeout.InfiniteTimeSpan, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            else if (!second.IsCancellationRequested)
            {
                some.Clear();
                somethingUrgent ??= urgent.Reader.WaitToReadAsync(cancellation).AsTask();
                await somethingUrgent.WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                somethingUrgent = somethingUrgent.IsCompleted ? null : somethingUrgent;
            }

            cancellation.ThrowIfCancellationRequested();
            if (second.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private void Left(Inbound inbound)
    {
        if (inbound is InboundBatch batch)
        {
            shares.Leave(batch.Site, batch.Device, batch.IsUrgent);
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

            (batch.IsUrgent ? urgentRoom : room).Leave(batch.Payload.Length);
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
