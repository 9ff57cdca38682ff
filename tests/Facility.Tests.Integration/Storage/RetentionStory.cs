using System.Text;
using Facility.Contracts.Places;
using Facility.Domain.Ingestion;
using Facility.Server;
using Facility.Server.Adapters;
using Facility.Server.Pipeline;
using Facility.Tests.Integration.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Integration.Storage;

/// <summary>The real journal behind the real pipeline while time goes by, and the follower that was behind.</summary>
public sealed class RetentionStory : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);
    private static readonly Guid Stream = Guid.NewGuid();
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));
    private readonly SqliteJournal _journal;
    private readonly DeviceOutbox _outbox;
    private readonly ServerCounters _counters = new();
    private readonly IngestionPipeline _pipeline;
    private readonly Follower _follower = new();

    public RetentionStory()
    {
        _journal = new SqliteJournal(_folder["journal.db"], _clock);
        _outbox = new DeviceOutbox(_counters);
        var sites = new SitesDirectory(_journal);
        var devices = new DeviceDirectory(_journal, _journal, sites, _counters, _clock, () => [_follower]);
        _pipeline = new IngestionPipeline(_journal.Writer, sites, devices, _outbox, _counters, new ServerHealth(), _clock, NullLogger<IngestionPipeline>.Instance);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_journal_is_trimmed_behind_the_slowest_follower_and_what_comes_again_is_still_a_duplicate()
    {
        await _pipeline.StartAsync(Cancellation);
        for (var seq = 1; seq <= 500; seq++)
        {
            await SendAsync(seq);
        }

        _clock.Advance(TimeSpan.FromDays(91));
        await SendAsync(501);
        using var retention = new JournalRetention(new ServerOptions(), _pipeline, () => [_follower], _clock, NullLogger<JournalRetention>.Instance);
        await retention.StartAsync(Cancellation);
        await SendAsync(502);
        Assert.Equal(1, _journal.Read(0, 1)[0].Id);

        _follower.Position = 400;
        await UntilFirstAsync(401);
        _follower.Position = 502;
        await UntilFirstAsync(501);
        Assert.Equal(502, _journal.Head);

        await SendAsync(7);
        Assert.Equal(1, _counters.Duplicates);
        await SendAsync(503);
        Assert.Equal(503, _journal.Head);
        await retention.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_follower_that_lags_over_a_revision_of_the_sites_names_the_portal_that_was_there_then()
    {
        await _pipeline.StartAsync(Cancellation);
        await _pipeline.AppendAsync("", "", new SitesRevised(Sites("old-door")), Cancellation);
        await SendAsync(1);
        await SendAsync(2);
        await _pipeline.AppendAsync("", "", new SitesRevised(Sites("new-door")), Cancellation);
        await SendAsync(3);

        await _pipeline.StopAsync(Cancellation);
        _journal.Dispose();

        using var journal = new SqliteJournal(_folder["journal.db"], _clock);
        using var cursors = new SqliteCursors(_folder["cursors.db"]);
        cursors.Save("series", 2);
        using var store = new SqliteSeriesStore(_folder["series.db"], null);
        using var follower = new SeriesFollower(journal, cursors, store, journal, NullLogger<SeriesFollower>.Instance);
        await follower.StartAsync(Cancellation);
        await Until.TrueAsync("it has followed", () => Task.FromResult(follower.Position == journal.Head), Soon);
        await follower.StopAsync(Cancellation);
        var passages = await store.PassagesAsync("ratelaar", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, TimeSpan.FromDays(1), Cancellation);
        Assert.Equal([("new-door", 1), ("old-door", 1)], passages.Select(p => (p.Portal, p.In)));
    }

    [Fact]
    public async Task A_device_that_floods_gets_no_more_than_its_share_and_others_are_taken()
    {
        // Nothing is taken from the queue yet: the pipeline is not started.
        for (var seq = 1; seq <= 1_500; seq++)
        {
            await OfferAsync("flood", seq);
        }

        await OfferAsync("ratelaar-01", 1);
        await _pipeline.StartAsync(Cancellation);
        await Until.TrueAsync("all that was taken is journaled", () => Task.FromResult(_counters.Batches == DeviceShares.Most + 1), Soon);
        await OfferAsync("flood", DeviceShares.Most + 1);
        await Until.TrueAsync("it goes on where it was", () => Task.FromResult(_counters.Batches == DeviceShares.Most + 2), Soon);
        using var metrics = new StringWriter();
        _counters.Write(metrics);
        Assert.Contains($"facility_over_share_batches_total {1_500 - DeviceShares.Most}\n", metrics.ToString(), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _pipeline.StopAsync(CancellationToken.None);
        _pipeline.Dispose();
        _journal.Dispose();
        _folder.Dispose();
    }

    private async Task SendAsync(long seq)
    {
        var done = new TaskCompletionSource();
        await OfferAsync("ratelaar-01", seq, () =>
        {
            done.TrySetResult();
            return Task.CompletedTask;
        });
        await done.Task.WaitAsync(Soon, Cancellation);
    }

    private ValueTask OfferAsync(string device, long seq, Func<Task>? acknowledge = null) => _pipeline.OfferAsync(
        "ratelaar", device, Encoding.UTF8.GetBytes($$"""
            {"v":1,"stream":"{{Stream}}","oldest":1,"sentAt":"2026-11-24T09:00:05.200Z","clockSynced":true,"events":[{"seq":{{seq}},"at":"2026-11-24T09:00:00.123Z","sensor":"main-door","kind":"passage","value":1}]}
            """), acknowledge ?? (() => Task.CompletedTask), Cancellation);

    private Task UntilFirstAsync(long id) => Until.TrueAsync(
        $"entry {id} is the first",
        () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(10));
            return Task.FromResult(_journal.Read(0, 1)[0].Id == id);
        },
        Soon);

    private static SitesDocument Sites(string portal) => new(
    [
        new Site("ratelaar", "Ratelaar", "Europe/Amsterdam", 100, [new Zone("hall", "Hal")],
            [new Portal(portal, "main-door", "outside", "hall")], [new Sensor("main-door", "ratelaar-01", "passage")]),
    ]);

    private sealed class Follower : IFollowerPosition
    {
        public string Name => "slow";

        public long Position { get; set; }
    }
}
