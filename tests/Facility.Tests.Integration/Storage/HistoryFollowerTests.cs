using System.Reflection;
using Facility.Domain.Occupancy;
using Facility.Server.Adapters;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Integration.Storage;

public sealed class HistoryFollowerTests
{
    [Fact]
    public async Task Any_failure_of_the_time_series_is_tried_again_and_what_is_queued_stays()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        using var store = new SqliteOccupancyStore(folder["o.db"]);
        var quarter = new OccupancyFigure("ratelaar", "hall", "reconciled", new OccupancySum(DateTimeOffset.UnixEpoch, 5_000, 900_000, 3, 0, 9));
        store.Reconciled("ratelaar", new DateOnly(2026, 11, 24), [quarter]);
        var (series, clock) = (DispatchProxy.Create<ISeriesStore, Failing>(), new FakeTimeProvider());
        using var follower = new HistoryFollower(store, series, clock, NullLogger<HistoryFollower>.Instance);
        await follower.StartAsync(cancel);
        await Until.TrueAsync(
            "it is shipped in the end",
            () =>
            {
                Assert.False(follower.ExecuteTask!.IsFaulted, "it ended");
                clock.Advance(TimeSpan.FromSeconds(30));
                return Task.FromResult(store.QueuedFigures(10).Figures.Count == 0);
            },
            TimeSpan.FromSeconds(20));
        Assert.True(((Failing)(object)series).Calls > 2);
        await follower.StopAsync(cancel);
    }

    /// <summary>Fails twice in a way that no store says it does.</summary>
    public class Failing : DispatchProxy
    {
        public int Calls { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            ++Calls <= 2 ? throw new OverflowException("as a defect would") : Task.CompletedTask;
    }
}
