using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>
/// Writes the checkpoints of <see cref="OccupancyFollower"/> beside it, one at a time and in order, so that people do not wait for the disk.
/// What could not be written is kept and written first the next time.
/// </summary>
internal sealed class OccupancyCheckpoints(IOccupancyStore store)
{
    private Checkpoint? _unwritten;
    private Task _writing = Task.CompletedTask;
    private long _saved;

    /// <summary>The last journal entry of what is on disk.</summary>
    public long Saved => Interlocked.Read(ref _saved);

    public bool IsWriting => !_writing.IsCompleted;

    /// <summary>Waits for the one before, and begins with this one.</summary>
    /// <exception cref="System.Data.Common.DbException">The one before cannot be written; this one was not taken.</exception>
    public void Begin(Func<Checkpoint> next)
    {
        Finish();
        _unwritten = next();
        _writing = Write(_unwritten);
    }

    /// <summary>Waits until all of it is on disk.</summary>
    /// <exception cref="System.Data.Common.DbException">It cannot be written.</exception>
    public void Finish()
    {
        if (_writing.IsFaulted)
        {
            _writing = Write(_unwritten!);
        }

        _writing.GetAwaiter().GetResult();
        _unwritten = null;
    }

    /// <summary>Waits for what is under way, whatever becomes of it, and forgets it.</summary>
    public void Abandon()
    {
        _writing.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait();
        (_unwritten, _writing) = (null, Task.CompletedTask);
    }

    private Task Write(Checkpoint c) => Task.Run(() =>
    {
        store.Save(c.State, Newest(c.Changes), c.Facts, c.Quarters, c.Levels);
        Interlocked.Exchange(ref _saved, c.State.Cursor);
    });

    // Of what a zone was within one millisecond the last holds: the time series could keep no other.
    private static List<OccupancyChange> Newest(IReadOnlyList<OccupancyChange> changes)
    {
        var newest = changes.Reverse().DistinctBy(c => (c.Site, c.Zone, c.Basis, c.At.UtcTicks / TimeSpan.TicksPerMillisecond)).ToList();
        newest.Reverse();
        return newest;
    }

    /// <summary>One checkpoint, and what is new since the one before.</summary>
    internal sealed record Checkpoint(
        OccupancyCheckpoint State, IReadOnlyList<OccupancyChange> Changes, IReadOnlyList<SiteFact> Facts, IReadOnlyList<OccupancyFigure> Quarters,
        IReadOnlyList<SiteLevels> Levels);
}
