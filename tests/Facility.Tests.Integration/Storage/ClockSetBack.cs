using System.Text;
using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Server.Adapters;
using Facility.Server.Pipeline;
using Facility.Server.Places;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Integration.Storage;

/// <summary>
/// Silence tells too: the live estimates hear hours of it of which the journal has no entry. Where the clock is then found to be ahead, and
/// is set back while the server is down, the journal goes on at the time that the estimates have reached.
/// </summary>
public sealed class ClockSetBack : IDisposable
{
    private static readonly DateTimeOffset Evening = new(2026, 11, 24, 21, 30, 0, TimeSpan.Zero);
    private static readonly Guid Stream = Guid.NewGuid();
    private readonly TemporaryFolder _folder = new();
    private readonly SitesDocument _sites = SitesFile.Load(Path.Combine(RunningProgram.Root, "seeds", "sites.json")).Document;
    private long _seq;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(-170)]
    [InlineData(0)]
    [InlineData(30)]
    public void The_estimates_are_those_of_a_replay(int minutesOff)
    {
        Live(Evening, passages: 40, silence: TimeSpan.FromHours(3));
        var live = Live(Evening.AddHours(3).AddMinutes(minutesOff), passages: 5, silence: TimeSpan.FromMinutes(3));

        var replay = new SiteEstimates(_sites);
        using var journal = new SqliteJournal(_folder["journal.db"], TimeProvider.System);
        foreach (var entry in journal.Read(0))
        {
            replay.Take(entry, [], []);
        }

        replay.AdvanceTo(live.At, []);
        Assert.Equal(live.Zones, replay.Shown("ratelaar", 0).Zones);
        Assert.True(live.At > Evening.AddHours(2.9), $"it is {live.At}");
    }

    // A life of the server: passages that come a second apart, and then nothing.
    private SiteOccupancy Live(DateTimeOffset from, int passages, TimeSpan silence)
    {
        var clock = new FakeTimeProvider(from);
        using var journal = new SqliteJournal(_folder["journal.db"], clock);
        using var store = new SqliteOccupancyStore(_folder["occupancy.db"]);
        if (store.Load()?.Clock is { } passed)
        {
            journal.Writer.NotBefore(passed);
        }

        var board = new OccupancyBoard();
        using var follower = new OccupancyFollower(journal, store, new Places(_sites), board, clock, NullLogger<OccupancyFollower>.Instance);
        follower.Start();
        for (var i = 0; i < passages; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            Pass(journal.Writer, clock.GetUtcNow(), ++_seq);
        }

        for (var end = clock.GetUtcNow() + silence; clock.GetUtcNow() < end; clock.Advance(TimeSpan.FromMinutes(1)))
        {
            while (follower.Step())
            {
            }
        }

        // As at a stop: what is saved beside the follower may be a while behind it.
        follower.Save();
        return board.Of("ratelaar")!;
    }

    private static void Pass(SqliteJournalWriter writer, DateTimeOffset at, long seq)
    {
        var payload = Encoding.UTF8.GetBytes($$"""
            {"v":1,"stream":"{{Stream}}","oldest":1,"sentAt":"{{Rfc3339.Format(at)}}","clockSynced":true,"events":[{"seq":{{seq}},"at":"{{Rfc3339.Format(at)}}","sensor":"main-door","kind":"passage","value":1}]}
            """);
        var received = writer.Begin();
        var stream = writer.Find("ratelaar", "ratelaar-01", Stream) ?? writer.Add("ratelaar", "ratelaar-01", Stream, received);
        writer.AppendEvents(stream, received, seq, BatchReader.Read(payload, payload.Length).Batch!, payload, null);
        writer.Commit();
    }

    private sealed record Places(SitesDocument Current) : ISitesDirectory;
}
