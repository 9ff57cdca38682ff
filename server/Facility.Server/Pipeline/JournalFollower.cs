using Facility.Domain.Ingestion;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>Where a follower of the journal is, for lag and health.</summary>
public interface IFollowerPosition
{
    string Name { get; }

    /// <summary>Id of the last journal entry that it has taken and saved.</summary>
    long Position { get; }

    /// <summary>The last entry that it will not ask for again after a crash: up to here the journal may be trimmed.</summary>
    long Saved => Position;
}

/// <summary>
/// The loop that every follower of the journal runs: read after the cursor, take, save the cursor. A follower that is
/// killed between taking and saving takes the same entries again, so taking must be idempotent, or the follower saves
/// its cursor with its own state (override <see cref="LoadCursor"/> and <see cref="SaveCursor"/>).
/// </summary>
/// <remarks>
/// Failure story: <see cref="SeriesUnavailableException"/> is retried for ever with backoff from 1 s to 30 s; any other
/// exception too, since the journal keeps everything and a follower that stops for good would be a silent loss. Both are
/// logged once when they begin, once when their message changes, and once when they end.
/// </remarks>
public abstract class JournalFollower(string name, IJournalReader journal, ICursors cursors, ILogger logger)
    : BackgroundService, IFollowerPosition
{
    private const int WorthwhileEvents = 1000;
    private static readonly TimeSpan FirstBackoff = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(30);
    private long position;
    private string? trouble;

    public string Name { get; } = name;

    public long Position => Interlocked.Read(ref position);

    /// <summary>Entries on disk that it has yet to take.</summary>
    public long Lag => Math.Max(0, journal.Head - Position);

    /// <summary>What keeps it from going on; null while it goes.</summary>
    public string? Trouble => Volatile.Read(ref trouble);

    /// <summary>The longest wait at the head before <see cref="IdleAsync"/> is called again.</summary>
    protected virtual TimeSpan IdleInterval => TimeSpan.FromSeconds(1);

    /// <summary>How long it lets entries gather after a portion that was a small one, so that what it writes to is asked less often.</summary>
    protected virtual TimeSpan Pause => TimeSpan.Zero;

    /// <summary>Events that it is given at once when it is behind, a little more than so many.</summary>
    protected virtual int Portion => 5000;

    /// <summary>Called once before the first read, and again until it succeeds.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Takes entries in order; the cursor is saved after it returns.</summary>
    protected abstract Task TakeAsync(IReadOnlyList<JournalEntry> entries, CancellationToken cancellation);

    /// <summary>Everything received before <paramref name="watermark"/> has been taken: time may pass up to it.</summary>
    protected virtual Task IdleAsync(DateTimeOffset watermark, CancellationToken cancellation) => Task.CompletedTask;

    protected virtual long LoadCursor() => cursors.Load(Name);

    protected virtual void SaveCursor(long taken) => cursors.Save(Name, taken);

    // A cursor past the end that the journal was opened with: it was put back to an older copy. Its entries are taken again from the
    // first, since the numbers after its end now mean other entries; what a follower writes is the same when written twice. Saved at
    // once: by the next start the journal may have grown past the cursor.
    private void Begin()
    {
        var cursor = LoadCursor();
        if (cursor > journal.HeadAtOpen)
        {
            logger.LogWarning(
                "{Follower} had taken {Cursor} entries and the journal held {Head}: it was restored from a backup; taking all of it again", Name, cursor, journal.HeadAtOpen);
            cursor = 0;
            SaveCursor(cursor);
        }

        Interlocked.Exchange(ref position, cursor);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var backoff = FirstBackoff;
        var (begun, prepared) = (false, false);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!begun)
                {
                    Begin();
                    begun = true;
                }

                if (!prepared)
                {
                    await PrepareAsync(stoppingToken);
                    prepared = true;
                }

                await StepAsync(stoppingToken);
                backoff = FirstBackoff;
                Recovered();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Any failure is retried: see the remarks.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Failed(e);
                await Task.Delay(backoff, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                backoff = backoff * 2 < LongestBackoff ? backoff * 2 : LongestBackoff;
            }
        }
    }

    private async Task StepAsync(CancellationToken cancellation)
    {
        // The watermark is taken before the read: what is received later is not covered by it.
        var watermark = journal.Watermark;
        var entries = journal.Read(Position, Portion);
        if (entries.Count > 0)
        {
            await TakeAsync(entries, cancellation);
            SaveCursor(entries[^1].Id);
            Interlocked.Exchange(ref position, entries[^1].Id);
            if (Pause > TimeSpan.Zero && entries.Sum(e => e.Fact is EventsJournaled batch ? batch.Events.Count : 1) < WorthwhileEvents)
            {
                await Task.Delay(Pause, cancellation);
            }

            return;
        }

        await IdleAsync(watermark, cancellation);
        await journal.WaitAsync(Position, IdleInterval, cancellation);
    }

    private void Failed(Exception e)
    {
        if (trouble == e.Message)
        {
            return;
        }

        Volatile.Write(ref trouble, e.Message);
        if (e is SeriesUnavailableException)
        {
            logger.LogWarning("{Follower} waits: {Message} Events stay in the journal; it goes on by itself.", Name, e.Message);
        }
        else
        {
            logger.LogError(e, "{Follower} failed after entry {Position} and will try again", Name, Position);
        }
    }

    private void Recovered()
    {
        if (trouble is not null)
        {
            Volatile.Write(ref trouble, null);
            logger.LogInformation("{Follower} goes on, {Lag} entries behind", Name, Lag);
        }
    }
}
