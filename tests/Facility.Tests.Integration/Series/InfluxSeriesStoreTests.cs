using Facility.Domain.Occupancy;
using Facility.Server.Adapters;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;

namespace Facility.Tests.Integration.Series;

/// <summary>One real influxd with authentication, for all tests of a class; each test has a database of its own.</summary>
/// <remarks>Started by the first test, not by xunit: what a class fixture skips while it starts, xunit counts as failed.</remarks>
public sealed class InfluxServer : IAsyncDisposable
{
    private Influxd? _influx;

    internal async Task<InfluxOptions> FreshAsync()
    {
        _influx ??= await Influxd.StartAsync("facility", "secret: ü");
        return new(_influx.Url, $"test \"{Guid.NewGuid():N}\"", User: "facility", Password: "secret: ü");
    }

    public async ValueTask DisposeAsync()
    {
        if (_influx is not null)
        {
            await _influx.DisposeAsync();
        }
    }
}

public sealed class InfluxSeriesStoreTests(InfluxServer server) : SeriesStoreContract, IClassFixture<InfluxServer>
{
    private readonly SetAside _setAside = new();
    private InfluxOptions _options = null!;

    internal override async Task<ISeriesStore> OpenAsync() => new InfluxSeriesStore(_options = await server.FreshAsync(), _setAside);

    [Fact]
    public async Task A_value_that_is_no_number_is_set_aside_with_its_reason()
    {
        await Store.WriteAsync([Passage(1, Start, 1) with { Kind = "mystery", Portal = null, Value = double.NaN }], [], Cancellation);
        var (point, reason) = Assert.Single(_setAside.Points);
        Assert.Contains("mystery", point, StringComparison.Ordinal);
        Assert.Contains("finite", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_point_that_InfluxDB_refuses_is_set_aside_and_all_others_are_stored()
    {
        // A tag may have 65,535 bytes: a device cannot send so long a name past ingestion, but nothing here relies on that.
        var passages = RandomPassages(3_000, Start).ToList();
        passages.Insert(1_234, Passage(9_000, Start, 1) with { Sensor = new string('x', 70_000) });
        await Store.WriteAsync(passages, [], Cancellation);
        var (point, reason) = Assert.Single(_setAside.Points);
        Assert.Contains("xxxx", point, StringComparison.Ordinal);
        Assert.NotEmpty(reason);
        passages.RemoveAt(1_234);
        await ExpectAsync(passages, "ratelaar", Start, Start.AddDays(30), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task What_is_older_than_the_retention_is_dropped_and_counted_and_the_rest_is_stored()
    {
        using var store = new InfluxSeriesStore(_options with { RawRetention = TimeSpan.FromHours(36) }, _setAside);
        await store.PrepareAsync(Cancellation);
        var now = DateTimeOffset.UtcNow;
        await store.WriteAsync([Passage(1, now, 1), Passage(2, now.AddDays(-30), 1), Passage(3, now.AddDays(-31), 1), Passage(4, now, 1)], [], Cancellation);
        Assert.Equal(2, store.DroppedByRetention);
        Assert.Equal(2, (await store.PassagesAsync("ratelaar", now.AddDays(-60), now.AddDays(1), TimeSpan.FromDays(1), Cancellation)).Sum(point => point.In));
        Assert.Empty(_setAside.Points);
    }

    [Fact]
    public async Task A_policy_of_an_earlier_installation_gets_longer_shards_and_keeps_what_it_holds()
    {
        using var http = new InfluxHttp(_options);
        var database = LineProtocol.Identifier(_options.Database);
        var quarter = new OccupancyFigure("ratelaar", "hall", "live", new OccupancySum(Start, 900_000, 900_000, 1, 1, 1));
        await Store.WriteAsync(new SeriesFigures([quarter], [], []), Cancellation);
        await http.QueryAsync($"ALTER RETENTION POLICY {InfluxPolicies.Kept} ON {database} SHARD DURATION 168h", Cancellation);

        using var again = new InfluxSeriesStore(_options, _setAside);
        await again.WriteAsync(new SeriesFigures([quarter with { Sum = quarter.Sum with { At = Start.AddMinutes(15) } }], [], []), Cancellation);

        var (policies, _, _) = await http.QueryAsync($"SHOW RETENTION POLICIES ON {database}", Cancellation);
        Assert.Contains("672h0m0s", Assert.Single(policies[0].GetProperty("values").EnumerateArray(), row => row[0].GetString() == InfluxPolicies.Kept).ToString(), StringComparison.Ordinal);
        var figures = await again.OccupancyFiguresAsync("ratelaar", "hall", "live", Start, Start.AddHours(1), QuarterHour.Length, Cancellation);
        Assert.Equal((2, Start, Start.AddMinutes(30)), (figures!.Sums.Count, figures.Start, figures.End));
    }

    [Fact]
    public async Task A_wrong_password_and_no_password_say_so()
    {
        using var wrong = new InfluxSeriesStore(_options with { Password = "wrong" }, _setAside);
        var error = await Assert.ThrowsAsync<SeriesUnavailableException>(() => wrong.PrepareAsync(Cancellation));
        Assert.Contains("refuses user 'facility' or the password", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", error.Message, StringComparison.Ordinal);

        using var none = new InfluxSeriesStore(_options with { User = null }, _setAside);
        error = await Assert.ThrowsAsync<SeriesUnavailableException>(() => none.PrepareAsync(Cancellation));
        Assert.Contains("without a user or token", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_vanished_is_made_again()
    {
        using var http = new InfluxHttp(_options);
        await http.QueryAsync($"DROP DATABASE {LineProtocol.Identifier(_options.Database)}", Cancellation);
        await Assert.ThrowsAsync<SeriesUnavailableException>(() => Store.WriteAsync([Passage(1, Start, 1)], [], Cancellation));
        await Store.WriteAsync([Passage(1, Start, 1)], [], Cancellation);
        Assert.Single(await Store.PassagesAsync("ratelaar", Start, Start.AddHours(1), TimeSpan.FromHours(1), Cancellation));
    }

    [Fact]
    public async Task A_server_that_is_away_and_comes_back_is_unavailable_and_then_takes_the_same_points()
    {
        await using var influx = await Influxd.StartAsync();
        using var store = new InfluxSeriesStore(new InfluxOptions(influx.Url), _setAside);
        await store.WriteAsync([Passage(1, Start, 1)], [], Cancellation);
        await influx.KillAsync();
        var error = await Assert.ThrowsAsync<SeriesUnavailableException>(() => store.WriteAsync([Passage(2, Start, 1)], [], Cancellation));
        Assert.Contains(influx.Url.ToString(), error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<SeriesUnavailableException>(() => store.PassagesAsync("ratelaar", Start, Start.AddHours(1), TimeSpan.FromHours(1), Cancellation));

        await influx.StartAgainAsync();
        await store.WriteAsync([Passage(1, Start, 1), Passage(2, Start, 1)], [], Cancellation);
        Assert.Equal(2, Assert.Single(await store.PassagesAsync("ratelaar", Start, Start.AddHours(1), TimeSpan.FromHours(1), Cancellation)).In);
    }
}

/// <summary>The contract against an InfluxDB of one's own, 1.x without authentication: <c>FACILITY_TEST_INFLUX_URL=http://host:8086</c>.</summary>
public sealed class GivenInfluxSeriesStoreTests : SeriesStoreContract
{
    private InfluxOptions? _options;

    internal override Task<ISeriesStore> OpenAsync()
    {
        var url = Environment.GetEnvironmentVariable("FACILITY_TEST_INFLUX_URL");
        Assert.SkipWhen(string.IsNullOrEmpty(url), "FACILITY_TEST_INFLUX_URL is not set: there is no other InfluxDB to try.");
        _options = new InfluxOptions(new Uri(url!), $"facility_test_{Guid.NewGuid():N}");
        return Task.FromResult<ISeriesStore>(new InfluxSeriesStore(_options, new SetAside()));
    }

    public override async ValueTask DisposeAsync()
    {
        if (_options is not null)
        {
            using var http = new InfluxHttp(_options);
            await http.QueryAsync($"DROP DATABASE {LineProtocol.Identifier(_options.Database)}", CancellationToken.None);
        }

        await base.DisposeAsync();
    }
}
