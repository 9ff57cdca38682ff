using Facility.Contracts.Mqtt;
using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Adapters;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Facility.Tests.Unit.Places;
using Microsoft.Extensions.Logging.Abstractions;

namespace Facility.Tests.Unit.Incidents;

/// <summary>The follower with what it sees by itself, over a journal in memory and the real store.</summary>
public sealed class IncidentFollowerTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("facility-incidents");
    private readonly Journal _journal = new();
    private readonly OccupancyBoard _board = new();
    private readonly ServerHealth _health = new() { Broker = null };

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task At_a_fire_who_is_where_is_in_the_journal_and_comes_back_when_the_incidents_are_lost()
    {
        _journal.Append("", new SitesRevised(Seeds.Sites));
        _board.Show(new SiteOccupancy("ratelaar", DateTimeOffset.UtcNow, 1, [new ZoneOccupancy("hall", 12, 10, 15, 100, true, false)]));
        var panel = Seeds.Ratelaar.Sensors.First(s => s.Kind == EventKinds.Alarm).Id;
        _journal.Append("ratelaar", new EventsJournaled(Guid.Empty, [new JournaledEvent(1, _journal.Watermark, true, panel, EventKinds.Alarm, 1, SetAside.None)]));
        await Follow("first.db", desk => desk.Now.Unresolved.Any(i => i is { Rule: "fire", WhoWasWhere.Count: 1 }));
        _board.Show(new SiteOccupancy("ratelaar", DateTimeOffset.UtcNow, 2, [new ZoneOccupancy("hall", 0, 0, 0, 100, false, false)]));
        await Follow("second.db", desk => desk.Now.Unresolved.SingleOrDefault(i => i.Rule == "fire")?.WhoWasWhere is [{ Low: 10, High: 15 }]);
        Assert.Single(_journal.Read(0), e => e.Fact is ZonesFrozen);
    }

    [Fact]
    public async Task A_crowd_and_a_broker_that_is_away_are_journaled_once_and_their_end_too()
    {
        _journal.Append("", new SitesRevised(Seeds.Sites));
        _health.Broker = "gone";
        _board.Show(new SiteOccupancy("ratelaar", DateTimeOffset.UtcNow, 1, [new ZoneOccupancy("hall", 90, 85, 95, 100, true, false)]));
        await Follow("one.db", _ => Told().Length >= 2, more: TimeSpan.FromSeconds(2.5));
        Assert.Equal(["crowded True", "server-broker True"], Told());
        _health.Broker = null;
        _board.Show(new SiteOccupancy("ratelaar", DateTimeOffset.UtcNow, 2, [new ZoneOccupancy("hall", 9, 8, 10, 100, true, false)]));
        await Follow("one.db", _ => Told().Length >= 4);
        Assert.Equal(["crowded False", "crowded True", "server-broker False", "server-broker True"], Told());

        string[] Told() => [.. _journal.Read(0).Select(e => e.Fact).OfType<Observed>().Select(o => $"{o.Rule} {o.Stands}").Order(StringComparer.Ordinal)];
    }

    private async Task Follow(string file, Func<IncidentDesk, bool> until, TimeSpan more = default)
    {
        using var store = new SqliteIncidentStore(Path.Combine(_folder.FullName, file));
        var desk = new IncidentDesk(store, upTo => upTo == 0 ? SitePlans.Empty : new SitePlans(Seeds.Sites));
        var watch = new ServerWatch(_board, _health, () => [], _journal, new Disk());
        using var follower = new IncidentFollower(_journal, _journal, desk, watch, _journal, NullLogger<IncidentFollower>.Instance);
        await follower.StartAsync(CancellationToken.None);
        var end = DateTime.UtcNow + Deadline;
        while (!until(desk))
        {
            Assert.True(DateTime.UtcNow < end, "it did not come to that: " + follower.Trouble);
            await Task.Delay(20);
        }

        // Two more looks at the same state.
        await Task.Delay(more);
        await follower.StopAsync(CancellationToken.None);
        Assert.Null(follower.Trouble);
    }

    private sealed class Disk : IDiskSpace
    {
        public double? FreePercent => 50;
    }

    private sealed class Journal : IJournalReader, IFactJournal, ICursors
    {
        private readonly Lock _gate = new();
        private readonly List<JournalEntry> _entries = [];

        public long Head
        {
            get
            {
                lock (_gate)
                {
                    return _entries.Count;
                }
            }
        }

        public long HeadAtOpen => Head;

        public DateTimeOffset Watermark => DateTimeOffset.UtcNow;

        public void Append(string site, JournalFact fact)
        {
            lock (_gate)
            {
                _entries.Add(new JournalEntry(_entries.Count + 1, DateTimeOffset.UtcNow, site, "d1", fact));
            }
        }

        public Task AppendAsync(string site, string device, JournalFact fact, CancellationToken cancellation = default)
        {
            Append(site, fact);
            return Task.CompletedTask;
        }

        public IReadOnlyList<JournalEntry> Read(long after, int maxEvents = 5000)
        {
            lock (_gate)
            {
                return [.. _entries.Skip((int)after)];
            }
        }

        public Task WaitAsync(long after, TimeSpan atMost, CancellationToken cancellation) => Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);

        public long Load(string follower) => 0;

        public void Save(string follower, long position)
        {
        }
    }
}
