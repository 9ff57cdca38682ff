using Facility.Contracts.Places;
using Facility.Domain.Occupancy;
using Facility.Server.Pipeline;
using Facility.Server.Ports;

namespace Facility.Tests.Unit.Occupancy;

public sealed class OccupancyCheckpointsTests
{
    private readonly Disk _disk = new();
    private readonly OccupancyCheckpoints _checkpoints;

    public OccupancyCheckpointsTests() => _checkpoints = new OccupancyCheckpoints(_disk);

    [Fact]
    public void Who_begins_one_does_not_wait_for_the_disk()
    {
        _disk.Gate.Reset();
        _checkpoints.Begin(At(1));
        Assert.True(_checkpoints.IsWriting);
        Assert.Equal(0, _checkpoints.Saved);
        _disk.Gate.Set();
        _checkpoints.Finish();
        Assert.Equal(1, _checkpoints.Saved);
    }

    [Fact]
    public void What_could_not_be_written_is_written_before_what_comes_after_it()
    {
        _disk.IsFull = true;
        _checkpoints.Begin(At(1));
        Assert.Throws<IOException>(_checkpoints.Finish);
        Assert.Throws<IOException>(() => _checkpoints.Begin(At(2)));
        _disk.IsFull = false;
        _checkpoints.Begin(At(3));
        _checkpoints.Finish();
        Assert.Equal([1, 3], _disk.Written);
    }

    [Fact]
    public void What_was_abandoned_is_not_written_again()
    {
        _disk.IsFull = true;
        _checkpoints.Begin(At(1));
        _checkpoints.Abandon();
        _disk.IsFull = false;
        _checkpoints.Begin(At(2));
        _checkpoints.Finish();
        Assert.Equal([2], _disk.Written);
    }

    private static Func<OccupancyCheckpoints.Checkpoint> At(long cursor) => () => new OccupancyCheckpoints.Checkpoint(
        new OccupancyCheckpoint(cursor, null, 1, new SitesDocument([]), new Dictionary<string, byte[]>(), new Dictionary<string, byte[]>()), [], [], [], []);

    /// <summary>A disk that writes when it may, unless it is full.</summary>
    private sealed class Disk : IOccupancyStore
    {
        public ManualResetEventSlim Gate { get; } = new(true);

        public bool IsFull { get; set; }

        public List<long> Written { get; } = [];

        public void Save(
            OccupancyCheckpoint checkpoint, IReadOnlyList<OccupancyChange> changes, IReadOnlyList<SiteFact> facts,
            IReadOnlyList<OccupancyFigure> quarters, IReadOnlyList<SiteLevels> levels)
        {
            Gate.Wait();
            if (IsFull)
            {
                throw new IOException("the disk is full");
            }

            Written.Add(checkpoint.Cursor);
        }

        public OccupancyCheckpoint? Load() => null;

        public void ForgetCounts(DateTimeOffset since)
        {
        }

        public IReadOnlyList<(string Site, DateOnly Day)> DueDays() => [];

        public IReadOnlyList<DayFact> FactsOf(string site, DateOnly day) => [];

        public void Reconciled(string site, DateOnly day, IReadOnlyList<OccupancyFigure> quarters)
        {
        }

        public void Forget(DateTimeOffset before, DateTimeOffset now)
        {
        }

        public (IReadOnlyList<OccupancyChange> Changes, long Position) Queued(int max) => ([], 0);

        public void Shipped(long position)
        {
        }

        public (SeriesFigures Figures, long Position) QueuedFigures(int max) => (SeriesFigures.None, 0);

        public void FiguresShipped(long position)
        {
        }
    }
}
