using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Server.Adapters;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;

namespace Facility.Tests.Integration.Storage;

public sealed class OccupancyStoreTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Passages_add_to_their_quarter_over_restarts_and_each_figure_queued_is_whole()
    {
        using (var store = new SqliteOccupancyStore(_folder["o.db"]))
        {
            Save(store, Passage(1, 3), Passage(14, -1), Passage(16, 2));
            Save(store, Passage(2, 4), Passage(3, 9) with { Counted = false });
        }

        using var again = new SqliteOccupancyStore(_folder["o.db"]);
        Save(again, Passage(5, 1) with { InIsPositive = false });
        var (figures, position) = again.QueuedFigures(100);
        Assert.Equal(
            [new PassagePoint(Start, "main", 3, 1), new PassagePoint(Start.AddMinutes(15), "main", 2, 0), new PassagePoint(Start, "main", 7, 1), new PassagePoint(Start, "main", 7, 2)],
            figures.Passages.Select(f => f.Quarter));
        again.FiguresShipped(position);
        Assert.Equal(0, again.QueuedFigures(100).Figures.Count);

        again.ForgetCounts(Start.AddMinutes(15));
        Save(again, Passage(1, 1), Passage(16, 1));
        Assert.Equal([8, 1], again.QueuedFigures(100).Figures.Passages.Select(f => f.Quarter.In));
    }

    [Fact]
    public void Every_kind_of_figure_comes_out_of_the_queue_as_it_went_in_and_states_are_kept_by_site()
    {
        using var store = new SqliteOccupancyStore(_folder["o.db"]);
        OccupancyFigure[] quarters = [new("ratelaar", "hall", "live", new OccupancySum(Start, 5_000, 900_000, 3, 0, 9))];
        SiteLevels[] levels = [new("ratelaar", new LevelBlock(Start, "0:3"))];
        store.Save(Checkpoint(new() { ["a"] = [1], ["b"] = [2] }), [], [], quarters, levels);
        store.Save(Checkpoint(new() { ["b"] = [3] }), [], [], [], []);
        store.Reconciled("ratelaar", new DateOnly(2026, 11, 24), [quarters[0] with { Basis = "reconciled" }]);
        var (figures, _) = store.QueuedFigures(100);
        Assert.Equal([quarters[0], quarters[0] with { Basis = "reconciled" }], figures.Quarters);
        Assert.Equal(levels, figures.Levels);
        Assert.Equal([("a", 1), ("b", 3)], store.Load()!.Figures.OrderBy(s => s.Key).Select(s => (s.Key, (int)s.Value[0])));
        Assert.Contains(store.Sizes(), s => s is { Store: "waiting-for-series", Rows: 3 });
    }

    private static void Save(SqliteOccupancyStore store, params SiteFact[] passages) => store.Save(Checkpoint([]), [], passages, [], []);

    private static OccupancyCheckpoint Checkpoint(Dictionary<string, byte[]> figures) =>
        new(1, Start, 1, new SitesDocument([]), new Dictionary<string, byte[]>(), figures);

    private static SiteFact Passage(int minutes, int persons) => new(
        "ratelaar", new DateOnly(2026, 11, 24), new DayFact(Start.AddMinutes(minutes), "main", persons), Start, InIsPositive: true);
}
