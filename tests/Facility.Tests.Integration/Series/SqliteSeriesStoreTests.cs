using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Server.Adapters;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Integration.Series;

public sealed class SqliteSeriesStoreTests : SeriesStoreContract
{
    private readonly TemporaryFolder _folder = new();

    internal override Task<ISeriesStore> OpenAsync() => Task.FromResult<ISeriesStore>(new SqliteSeriesStore(_folder["series.db"], rawRetention: null));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Events_older_than_the_retention_go_at_a_write_and_at_most_once_an_hour()
    {
        var clock = new FakeTimeProvider(Start);
        using var store = new SqliteSeriesStore(_folder["trimmed.db"], TimeSpan.FromDays(1), clock);
        await store.WriteAsync([Passage(1, Start.AddDays(-1).AddMinutes(30), 1), Passage(2, Start, 1), Passage(3, Start.AddDays(-2), 1)], [], Cancellation);
        Assert.Equal(2, await InAsync());
        clock.Advance(TimeSpan.FromMinutes(59));
        await store.WriteAsync([Passage(4, Start, 1)], [], Cancellation);
        Assert.Equal(3, await InAsync());
        clock.Advance(TimeSpan.FromMinutes(1));
        await store.WriteAsync([], [], Cancellation);
        Assert.Equal(2, await InAsync());

        async Task<int> InAsync() =>
            (await store.PassagesAsync("ratelaar", Start.AddDays(-9), Start.AddDays(9), TimeSpan.FromDays(1), Cancellation)).Sum(point => point.In);
    }

    [Fact]
    public async Task Changes_and_figures_go_after_their_own_retention_and_a_zone_that_is_quiet_stays_known()
    {
        var clock = new FakeTimeProvider(Start);
        using var store = new SqliteSeriesStore(_folder["bounded.db"], TimeSpan.FromDays(2), clock, TimeSpan.FromDays(20));
        var (maker, all) = (new FigureMaker(new Dictionary<string, byte[]>()), new List<OccupancyChange>());
        maker.Take([new OccupancyChange("ratelaar", "site", "live", Start, 7, 6, 8)], Start.AddDays(30), all);
        await store.WriteAsync([], all, Cancellation);
        await store.WriteAsync(new SeriesFigures(maker.Quarters, [new PassageFigure("ratelaar", new PassagePoint(Start, "main", 1, 1))], maker.Levels), Cancellation);
        clock.Advance(TimeSpan.FromDays(30));
        await store.WriteAsync([], [], Cancellation);
        var now = clock.GetUtcNow();
        var changes = await store.OccupancyAsync("ratelaar", "site", "live", Start, now.AddDays(1), Cancellation);
        Assert.InRange(changes[0].At, now.AddDays(-2), now.AddDays(-1));
        var figured = await store.OccupancyFiguresAsync("ratelaar", "site", "live", Start, now, QuarterHour.Length, Cancellation);
        Assert.Equal((now.AddDays(-20), now, 20 * 96), (figured!.Start, figured.End, figured.Sums.Count));
        Assert.Empty(await store.PassageFiguresAsync("ratelaar", Start, now, QuarterHour.Length, Cancellation));
        Assert.Equal((20 * 6) - 1, (await store.LevelsAsync("ratelaar", Start, now, Cancellation)).Count);
        Assert.Contains(store.Sizes(), s => s is { Store: "series", Bytes: > 0, Rows: 0 });
    }

    [Fact]
    public async Task A_folder_that_is_not_there_and_a_file_that_is_no_database_give_a_clear_error()
    {
        using var nowhere = new SqliteSeriesStore(_folder["no/such/series.db"], null);
        var error = await Assert.ThrowsAsync<SeriesUnavailableException>(() => nowhere.PrepareAsync(Cancellation));
        Assert.Contains("no/such/series.db", error.Message, StringComparison.Ordinal);

        await File.WriteAllTextAsync(_folder["text.db"], new string('x', 5000), Cancellation);
        using var text = new SqliteSeriesStore(_folder["text.db"], null);
        error = await Assert.ThrowsAsync<SeriesUnavailableException>(() => text.PrepareAsync(Cancellation));
        Assert.Contains("not a database", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_written_is_there_after_opening_again()
    {
        await Store.WriteAsync([Passage(1, Start, 1)], [], Cancellation);
        using var again = new SqliteSeriesStore(_folder["series.db"], null);
        Assert.Single(await again.PassagesAsync("ratelaar", Start, Start.AddHours(1), TimeSpan.FromHours(1), Cancellation));
    }
}
