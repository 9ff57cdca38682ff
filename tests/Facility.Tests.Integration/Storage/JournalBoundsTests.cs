using System.Text;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Domain.Ingestion;
using Facility.Server.Adapters;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Integration.Storage;

public sealed class JournalBoundsTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);
    private static readonly Guid Stream = Guid.NewGuid();
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(Start);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_old_goes_in_steps_and_the_ruling_sites_the_streams_and_the_last_entry_stay()
    {
        using (var journal = Open())
        {
            Append(journal, new SitesRevised(Sites("first")));
            Enumerable.Range(1, 300).ToList().ForEach(seq => Event(journal, seq));
            Append(journal, new SitesRevised(Sites("second")));
            Enumerable.Range(301, 300).ToList().ForEach(seq => Event(journal, seq));
            _clock.Advance(TimeSpan.FromDays(100));
            Append(journal, new SitesRevised(Sites("third")));
            Enumerable.Range(601, 100).ToList().ForEach(seq => Event(journal, seq));
            Assert.Equal(703, Rows(journal));

            Assert.Equal(0, Trim(journal, upTo: 0));
            Assert.Equal([199, 199, 199, 3, 0], Enumerable.Range(0, 5).Select(_ => Trim(journal, upTo: 601)));
            Assert.Equal([1, 0], Enumerable.Range(0, 2).Select(_ => Trim(journal, upTo: long.MaxValue)));
            Assert.Equal(101, Rows(journal));

            var left = journal.Read(0);
            Assert.Equal(("second", 302L), (((SitesRevised)left[0].Fact).Document.Sites[0].Name, left[0].Id));
            Assert.Equal(("third", 603L), (((SitesRevised)left[1].Fact).Document.Sites[0].Name, left[1].Id));
            Assert.Equal(("second", "third"), (journal.NewestSites(602)!.Document.Sites[0].Name, journal.NewestSites()!.Document.Sites[0].Name));
            _clock.Advance(TimeSpan.FromDays(100));
            while (Trim(journal, long.MaxValue) > 0)
            {
            }
        }

        using var again = Open();
        Assert.Equal(703, again.Head);
        Assert.Equal(["third", ""], again.Read(0).Select(e => e.Fact is SitesRevised r ? r.Document.Sites[0].Name : ""));
        again.Writer.Begin();
        Assert.Equal(700, again.Writer.Find("ratelaar", "ratelaar-01", Stream)!.Acknowledged);
        again.Writer.Rollback();
        Event(again, 701);
        Assert.Equal(704, again.Head);
    }

    [Fact]
    public void Of_refused_batches_the_newest_of_each_device_stay_whatever_another_sends()
    {
        using var journal = Open();
        Keep(journal, "quiet", "the one");
        for (var i = 0; i < 300; i++)
        {
            Keep(journal, "flood", $"{i}");
        }

        var kept = journal.Refusals();
        Assert.Equal("the one", Assert.Single(kept, r => r.Device == "quiet").Refusal.Detail);
        Assert.Equal(Enumerable.Range(250, 50).Reverse().Select(i => $"{i}"), kept.Where(r => r.Device == "flood").Select(r => r.Refusal.Detail));
        Assert.All(kept, r => Assert.Equal((RefusalReasons.NotJson, 100_000), (r.Refusal.Reason, r.Refusal.Size)));
        for (var i = 0; i < 1_100; i++)
        {
            Keep(journal, $"device-{i}", "");
        }

        Assert.Equal(1_000, journal.Refusals().Count);
        Assert.Contains(journal.Sizes(), s => s is { Store: "refused", Rows: 1_000, Bytes: 16 * 1024 * 1_000 });
    }

    [Fact]
    public void A_clock_that_is_years_ahead_is_not_believed_until_it_is_said_to_be_right()
    {
        using (var journal = Open())
        {
            Append(journal, new SitesRevised(Sites("first")));
            _clock.Advance(TimeSpan.FromDays(10_000));
            Assert.Equal(Start, journal.Watermark);
            var refused = Assert.Throws<JournalUnavailableException>(() => journal.Writer.Begin());
            journal.Writer.Rollback();
            Assert.Contains("The clock says 2054-04-11", refused.Message, StringComparison.Ordinal);
            Assert.Contains("--believe-clock", refused.Message, StringComparison.Ordinal);
        }

        using (var again = Open())
        {
            Assert.Throws<JournalUnavailableException>(() => again.Writer.Begin());
            again.Writer.Rollback();
            _clock.AdjustTime(Start.AddDays(180));
            Event(again, 1);
        }

        _clock.Advance(TimeSpan.FromDays(10_000));
        using var believed = new SqliteJournal(_folder["journal.db"], _clock, believeClock: true);
        Event(believed, 2);
        Assert.Equal([Start, Start.AddDays(180), Start.AddDays(10_180)], believed.Read(0).Select(e => e.Received));
    }

    [Fact]
    public void A_follower_is_given_no_more_at_once_than_some_megabytes()
    {
        using (var journal = Open())
        {
            Enumerable.Range(1, 200).ToList().ForEach(seq => Event(journal, seq, note: new string('x', 60_000)));
        }

        using var again = Open();
        var (portions, cursor) = (0, 0L);
        for (; cursor < again.Head; portions++)
        {
            var read = again.Read(cursor);
            Assert.InRange(read.Count, 1, 80);
            Assert.Equal(cursor + 1, read[0].Id);
            cursor = read[^1].Id;
        }

        Assert.True(portions >= 3);
    }

    private SqliteJournal Open() => new(_folder["journal.db"], _clock);

    private int Trim(SqliteJournal journal, long upTo)
    {
        journal.Writer.Begin();
        var trimmed = journal.Writer.Trim(_clock.GetUtcNow() - TimeSpan.FromDays(90), upTo, 200);
        journal.Writer.Commit();
        return trimmed;
    }

    private static long? Rows(SqliteJournal journal) => journal.Sizes().Single(s => s.Store == "journal").Rows;

    private static void Append(SqliteJournal journal, JournalFact fact)
    {
        journal.Writer.Append(journal.Writer.Begin(), "", "", fact);
        journal.Writer.Commit();
    }

    private static void Event(SqliteJournal journal, long seq, string note = "")
    {
        var received = journal.Writer.Begin();
        var stream = journal.Writer.Find("ratelaar", "ratelaar-01", Stream) ?? journal.Writer.Add("ratelaar", "ratelaar-01", Stream, received);
        var payload = Encoding.UTF8.GetBytes($$"""
            {"v":1,"stream":"{{Stream}}","oldest":1,"sentAt":"2026-11-24T09:00:05.200Z","clockSynced":true,"events":[{"seq":{{seq}},"at":"2026-11-24T09:00:00.123Z","sensor":"main-door","kind":"passage","value":1}],"note":"{{note}}"}
            """);
        journal.Writer.AppendEvents(stream, received, seq, BatchReader.Read(payload).Batch!, payload, null);
        stream.Acknowledged = seq;
        journal.Writer.Save(stream);
        journal.Writer.Commit();
    }

    private static void Keep(SqliteJournal journal, string device, string detail)
    {
        var received = journal.Writer.Begin();
        journal.Writer.Keep(new KeptBatch("ratelaar", device, new Refusal(RefusalReasons.NotJson, detail, null, null), 100_000, new byte[64 * 1024]), received);
        journal.Writer.Commit();
    }

    private static SitesDocument Sites(string name) => new([new Site("ratelaar", name, "Europe/Amsterdam", 100, [], [], [])]);
}
