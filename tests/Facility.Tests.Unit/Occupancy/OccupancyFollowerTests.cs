using System.Collections;
using System.Diagnostics;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Domain.Ingestion;
using Facility.Server.Adapters;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Facility.Tests.Unit.Places;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Occupancy;

public sealed class OccupancyFollowerTests
{
    private static readonly DateTimeOffset Nine = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_failure_halfway_an_entry_counts_nobody_twice()
    {
        var folder = Directory.CreateTempSubdirectory("facility-follower");
        var time = new FakeTimeProvider(Nine.AddMinutes(1));
        var journal = new Journal(
            [Entry(1, [Passage(1), Passage(2), Passage(3)]), Entry(2, new BreaksOnce([Passage(4), Passage(5)]))], time);
        var board = new OccupancyBoard();
        using (var store = new SqliteOccupancyStore(Path.Combine(folder.FullName, "occupancy.db")))
        using (var follower = new OccupancyFollower(journal, store, new Places(), board, time, NullLogger<OccupancyFollower>.Instance))
        {
            await follower.StartAsync(TestContext.Current.CancellationToken);
            var clock = Stopwatch.StartNew();
            while (follower.Problem is not null || follower.Position < 2)
            {
                Assert.False(follower.ExecuteTask!.IsCompleted, "the follower ended");
                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), "the follower never went on");
                time.Advance(TimeSpan.FromSeconds(1));
                await Task.Delay(10, TestContext.Current.CancellationToken);
            }

            await follower.StopAsync(TestContext.Current.CancellationToken);
        }

        folder.Delete(recursive: true);
        Assert.Equal(5, board.Of("ratelaar")!.Zones.Single(z => z.Zone == "site").Estimate);
    }

    private static JournalEntry Entry(long id, IReadOnlyList<JournaledEvent> events) =>
        new(id, Nine, "ratelaar", "ratelaar-01", new EventsJournaled(Guid.Empty, events));

    private static JournaledEvent Passage(long seq) => new(seq, Nine, true, "main-door", EventKinds.Passage, 1, SetAside.None);

    /// <summary>Gives one event and fails, the first time that it is read.</summary>
    private sealed class BreaksOnce(JournaledEvent[] events) : IReadOnlyList<JournaledEvent>
    {
        private bool _broken;

        public int Count => events.Length;

        public JournaledEvent this[int index] => events[index];

        public IEnumerator<JournaledEvent> GetEnumerator()
        {
            foreach (var e in events)
            {
                yield return e;
                if (!_broken)
                {
                    _broken = true;
                    throw new ArgumentOutOfRangeException(nameof(events), "as a defect would");
                }
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }

    private sealed class Journal(JournalEntry[] entries, TimeProvider time) : IJournalReader
    {
        public long Head => entries[^1].Id;

        public long HeadAtOpen => Head;

        public DateTimeOffset Watermark => time.GetUtcNow();

        public IReadOnlyList<JournalEntry> Read(long after, int maxEvents = 5000) => [.. entries.Where(e => e.Id > after)];

        public Task WaitAsync(long after, TimeSpan atMost, CancellationToken cancellation) => Task.Delay(10, cancellation);
    }

    private sealed class Places : ISitesDirectory
    {
        public SitesDocument Current => Seeds.Sites;
    }
}
