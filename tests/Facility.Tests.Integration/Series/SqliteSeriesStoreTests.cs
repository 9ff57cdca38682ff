using Facility.Server.Adapters;
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
