using Facility.Contracts.Places;
using Facility.Domain.Ingestion;
using Facility.Server.Adapters;
using Facility.Server.Pipeline;
using Facility.Tests.Integration.Services;
using Microsoft.Extensions.Logging.Abstractions;

namespace Facility.Tests.Integration.Storage;

/// <summary>A journal that was put back to an older copy while the time series could not be reached.</summary>
public sealed class RestoredJournal : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_followed_from_its_first_entry_though_it_has_grown_past_the_cursor_before_the_store_answers()
    {
        using var cursors = new SqliteCursors(_folder["cursors.db"]);
        cursors.Save(SeriesFollower.FollowerName, 5);
        using (var journal = Open())
        {
            Append(journal, 3);
        }

        // The store's folder is not there: it cannot be reached. The journal grows past the cursor meanwhile.
        using (var journal = Open())
        using (var store = new SqliteSeriesStore(_folder["away/series.db"], null))
        using (var follower = Follower(journal, cursors, store))
        {
            Append(journal, 4);
            await follower.StartAsync(Cancellation);
            await Until.TrueAsync("the store is away", () => Task.FromResult(follower.Trouble is not null), Soon);
            await follower.StopAsync(Cancellation);
        }

        Assert.Equal(0, cursors.Load(SeriesFollower.FollowerName));
        using (var journal = Open())
        using (var store = new SqliteSeriesStore(_folder["series.db"], null))
        using (var follower = Follower(journal, cursors, store))
        {
            await follower.StartAsync(Cancellation);
            await Until.TrueAsync("it has followed", () => Task.FromResult(cursors.Load(SeriesFollower.FollowerName) == journal.Head), Soon);
            Assert.Equal(7, journal.Head);
            await follower.StopAsync(Cancellation);
        }
    }

    private SqliteJournal Open() => new(_folder["journal.db"], TimeProvider.System);

    private static SeriesFollower Follower(SqliteJournal journal, SqliteCursors cursors, SqliteSeriesStore store) =>
        new(journal, cursors, store, journal, NullLogger<SeriesFollower>.Instance);

    private static void Append(SqliteJournal journal, int entries)
    {
        for (var i = 0; i < entries; i++)
        {
            journal.Writer.Append(journal.Writer.Begin(), "", "", new SitesRevised(new SitesDocument([])));
            journal.Writer.Commit();
        }
    }
}
