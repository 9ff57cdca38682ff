using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Server.Api;
using Facility.Server.Pipeline;
using Facility.Server.Ports;

namespace Facility.Tests.Integration.Series;

/// <summary>What every series store must do. A store's own class gives an empty one; the cases are here, once.</summary>
public abstract class SeriesStoreContract : IAsyncLifetime
{
    protected static readonly DateTimeOffset Start = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);
    protected static readonly DateTimeOffset Block = QuarterHour.Floor(Start, Levels.BlockLength);
    protected static readonly Guid Stream = Guid.Parse("7f3b1c52-9a5e-4c0a-8a39-0c6f6b1f0c11");

    public static TheoryData<string> HostileNames =>
    [
        "two words", "it's", "say \"hi\"", "a,b", "a=b", @"back\slash", @"ends in \", "line\nbreak", "tab\t\r\0nul", "Groningen ☕ 𝄞 é",
        "'; DROP DATABASE facility; --", @"\'; DROP DATABASE facility; --", "100%", "%0A", "#comment", "",
    ];

    internal ISeriesStore Store { get; private set; } = null!;

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>An empty store, without retention; the class keeps what it must end.</summary>
    internal abstract Task<ISeriesStore> OpenAsync();

    public async ValueTask InitializeAsync()
    {
        Store = await OpenAsync();
        await Store.PrepareAsync(Cancellation);
    }

    public virtual ValueTask DisposeAsync()
    {
        (Store as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Sums_of_ten_thousand_passages_are_exact_for_every_interval()
    {
        var passages = RandomPassages(10_000, Start.AddMilliseconds(-37));
        await WriteAsync(passages);
        foreach (var interval in (TimeSpan[])[TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromMinutes(7)])
        {
            await ExpectAsync(passages, "ratelaar", Start.AddDays(-1), Start.AddDays(30), interval);
        }
    }

    [Fact]
    public async Task A_batch_written_twice_or_in_overlapping_halves_changes_nothing()
    {
        var passages = RandomPassages(1_000, Start);
        await WriteAsync(passages);
        await WriteAsync(passages);
        await WriteAsync([.. passages.Take(600)]);
        await WriteAsync([.. passages.Skip(400)]);
        await ExpectAsync(passages, "ratelaar", Start, Start.AddDays(30), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task Two_passages_in_one_millisecond_both_count()
    {
        await WriteAsync([Passage(1, Start, 1), Passage(2, Start, 1), Passage(3, Start.AddTicks(4), -2), Passage(1, Start, 1) with { Stream = Guid.NewGuid() }]);
        Assert.Equal([new PassagePoint(Start, "main", 3, 2)], await PassagesAsync("ratelaar"));
    }

    [Fact]
    public async Task In_is_what_the_portal_says()
    {
        await WriteAsync([Passage(1, Start, 3), Passage(2, Start, 3) with { Portal = "side", InIsPositive = false }]);
        Assert.Equal([new PassagePoint(Start, "main", 3, 0), new PassagePoint(Start, "side", 0, 3)], await PassagesAsync("ratelaar"));
    }

    [Fact]
    public async Task Passages_from_is_inclusive_and_to_is_exclusive()
    {
        await WriteAsync([Passage(1, Start.AddMilliseconds(-1), 1), Passage(2, Start, 2), Passage(2_999_999, Start.AddMinutes(1).AddMilliseconds(-1), 4), Passage(4, Start.AddMinutes(1), 8)]);
        var points = await Store.PassagesAsync("ratelaar", Start, Start.AddMinutes(1), TimeSpan.FromDays(1), Cancellation);
        Assert.Equal([new PassagePoint(new DateTimeOffset(Start.Date, TimeSpan.Zero), "main", 6, 0)], points);
        Assert.Empty(await Store.PassagesAsync("ratelaar", Start.AddTicks(1), Start.AddTicks(2), TimeSpan.FromDays(1), Cancellation));
    }

    [Fact]
    public async Task Only_passages_through_a_portal_count_and_other_kinds_are_stored_beside_them()
    {
        EventPoint other = Passage(1, Start, 1) with { Portal = null, Kind = "temperature", Value = 21.4 };
        await WriteAsync(
        [
            other, other with { Seq = 2, Kind = "mystery", Value = double.NaN }, other with { Seq = 3, Kind = "mystery", Value = double.PositiveInfinity },
            other with { Seq = 4, Kind = "mystery", Value = -1e300 }, Passage(5, Start, 1),
        ]);
        Assert.Equal([new PassagePoint(Start, "main", 1, 0)], await PassagesAsync("ratelaar"));
    }

    [Fact]
    public async Task Passages_of_2005_are_kept_when_retention_is_off()
    {
        var old = new DateTimeOffset(2005, 7, 24, 0, 0, 0, TimeSpan.Zero);
        var passages = RandomPassages(500, old);
        await WriteAsync(passages);
        await ExpectAsync(passages, "ratelaar", old, old.AddYears(1), TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task One_write_may_hold_more_than_one_request()
    {
        var passages = RandomPassages(12_345, Start);
        await WriteAsync(passages);
        await ExpectAsync(passages, "ratelaar", Start, Start.AddDays(60), TimeSpan.FromDays(1));
    }

    [Theory]
    [MemberData(nameof(HostileNames))]
    public async Task No_name_can_break_a_line_or_a_query(string name)
    {
        await WriteAsync([Passage(1, Start, 1) with { Site = name, Device = name, Sensor = name, Kind = name, Portal = name }, Passage(2, Start, 5)]);
        Assert.Equal([new PassagePoint(Start, name, 1, 0)], await PassagesAsync(name));
        Assert.Equal([new PassagePoint(Start, "main", 5, 0)], await PassagesAsync("ratelaar"));

        var sum = new OccupancySum(Start, 900_000, 900_000, 1, 1, 1);
        await Store.WriteAsync(
            new SeriesFigures(
                [new OccupancyFigure(name, name, name, sum)], [new PassageFigure(name, new PassagePoint(Start, name, 1, 2))], [new SiteLevels(name, new LevelBlock(Block, "0:1"))]),
            Cancellation);
        Assert.Equal([sum], (await Store.OccupancyFiguresAsync(name, name, name, Start, Start.AddHours(1), QuarterHour.Length, Cancellation))!.Sums);
        Assert.Equal([new PassagePoint(Start, name, 1, 2)], await Store.PassageFiguresAsync(name, Start, Start.AddHours(1), QuarterHour.Length, Cancellation));
        Assert.Equal([new LevelBlock(Block, "0:1")], await Store.LevelsAsync(name, Block, Start, Cancellation));

        var change = new OccupancyChange(name, name, name, Start, 3, 2, 4);
        await Store.WriteAsync([], [change, change with { Site = "other" }], Cancellation);
        Assert.Equal([change], await Store.OccupancyAsync(name, name, name, Start, Start.AddHours(1), Cancellation));
    }

    [Fact]
    public async Task No_random_name_of_hostile_characters_can_break_a_line_or_a_query()
    {
        var random = new Random(4);
        const string Hostile = "\\\"',= \n\r\t\0%/;*:#-_.~()[]{}<>$&|`^éß☕\u2028\u0085a0";
        var names = Enumerable.Range(0, 200)
            .Select(_ => string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => Hostile[random.Next(Hostile.Length)]))).Distinct().ToArray();
        await WriteAsync([.. names.Select((name, i) => Passage(i + 1, Start, 1 + (i % 20)) with { Site = name, Sensor = name, Portal = name })]);
        await Store.WriteAsync([], [.. names.Select((name, i) => new OccupancyChange(name, name, "live", Start, i, i, i))], Cancellation);
        foreach (var (i, name) in names.Index())
        {
            Assert.Equal([new PassagePoint(Start, name, 1 + (i % 20), 0)], await PassagesAsync(name));
            Assert.Equal(i, Assert.Single(await Store.OccupancyAsync(name, name, "live", Start, Start.AddHours(1), Cancellation)).Estimate);
        }
    }

    [Fact]
    public async Task Figures_of_occupancy_add_up_over_any_whole_number_of_quarters_from_any_quarter()
    {
        var random = new Random(20261124);
        var figures = Enumerable.Range(0, 96 * 9).Where(_ => random.Next(10) > 0).Select(i => Quarter(i, random.Next(0, 400), random.Next(1, 900_001))).ToArray();
        await Store.WriteAsync(new SeriesFigures(figures, [], []), Cancellation);
        await Store.WriteAsync(new SeriesFigures(figures[100..300], [], []), Cancellation);
        foreach (var (first, quarters) in new[] { (0, 1), (3, 1), (0, 4), (3, 4), (7, 8), (5, 96), (2, 2000) })
        {
            var (from, to, interval) = (Start + (first * QuarterHour.Length), Start.AddDays(8), quarters * QuarterHour.Length);
            var within = figures.Select(f => f.Sum).Where(s => s.At >= from && s.At < to).ToArray();
            var expected = within.GroupBy(s => (int)((s.At - from) / interval)).Select(g => g.Aggregate(default(OccupancySum), (a, b) => a.Plus(b)) with { At = from + (g.Key * interval) });
            var got = await Store.OccupancyFiguresAsync("ratelaar", "hall", "live", from, to, interval, Cancellation);
            Assert.Equal(expected, got!.Sums);
            Assert.Equal((within[0].At, within[^1].At + QuarterHour.Length), (got.Start, got.End));
        }

        Assert.Null(await Store.OccupancyFiguresAsync("ratelaar", "hall", "reconciled", Start, Start.AddDays(1), QuarterHour.Length, Cancellation));
        Assert.Null(await Store.OccupancyFiguresAsync("ratelaar", "hall", "live", Start.AddYears(1), Start.AddYears(2), TimeSpan.FromDays(1), Cancellation));

        OccupancyFigure Quarter(int i, int persons, int known) => new(
            "ratelaar", "hall", "live", new OccupancySum(Start + (i * QuarterHour.Length), persons * (long)known, known, persons + 3, persons - 2, persons + 9));
    }

    [Fact]
    public async Task A_newer_figure_of_a_quarter_replaces_it_and_passages_add_up()
    {
        PassageFigure Of(int minutes, string portal, int personsIn, int personsOut) => new("ratelaar", new PassagePoint(Start.AddMinutes(minutes), portal, personsIn, personsOut));
        await Store.WriteAsync(new SeriesFigures([], [Of(0, "main", 1, 0), Of(15, "main", 2, 3), Of(15, "side", 4, 0), Of(60, "main", 8, 8)], []), Cancellation);
        await Store.WriteAsync(new SeriesFigures([], [Of(0, "main", 9, 9), Of(0, "main", 5, 1)], [new SiteLevels("ratelaar", new LevelBlock(Block, "0:1"))]), Cancellation);
        await Store.WriteAsync(SeriesFigures.None with { Levels = [new SiteLevels("ratelaar", new LevelBlock(Block, "0:2")), new SiteLevels("ratelaar", new LevelBlock(Block + Levels.BlockLength, "1:7*5"))] }, Cancellation);
        Assert.Equal(
            [new PassagePoint(Start, "main", 7, 4), new PassagePoint(Start, "side", 4, 0)],
            await Store.PassageFiguresAsync("ratelaar", Start, Start.AddHours(1), TimeSpan.FromHours(1), Cancellation));
        Assert.Equal([new PassagePoint(Start, "main", 5, 1)], await Store.PassageFiguresAsync("ratelaar", Start, Start.AddMinutes(15), QuarterHour.Length, Cancellation));
        Assert.Equal(["0:2", "1:7*5"], (await Store.LevelsAsync("ratelaar", Block, Block.AddDays(1), Cancellation)).Select(b => b.Text));
        Assert.Empty(await Store.LevelsAsync("ratelaar", Block.AddTicks(1), Block.AddHours(1), Cancellation));
    }

    [Fact]
    public async Task What_figures_and_changes_answer_together_is_what_the_changes_say()
    {
        var (changes, figures) = RandomOccupancy(3);
        var now = changes[^1].At.AddMinutes(3);
        await Store.WriteAsync([], changes, Cancellation);
        await Store.WriteAsync(figures, Cancellation);
        var steps = changes.Where(c => c.Zone == "site").Select(c => new EstimateStep(c.At, c.Estimate, c.Low, c.High)).ToArray();
        foreach (var (fromMinutes, toMinutes, interval) in new[] { (0, 9000, 15), (7, 9000, 15), (15, 4321, 60), (60, 9000, 7), (-500, 700, 30), (0, 90_000, 1440) })
        {
            var (from, to) = (Start.AddMinutes(fromMinutes), Start.AddMinutes(toMinutes));
            var expected = TimeWeighted.Points(steps, from, to, TimeSpan.FromMinutes(interval), now);
            var site = new Site("ratelaar", "Ratelaar", "Europe/Amsterdam", 100, [], [], []);
            Assert.Equal(
                expected, await OccupancyAnswers.HistoryAsync(Store, site, "site", "live", from, to, new Interval(TimeSpan.FromMinutes(interval), null), now, Cancellation));
            Assert.Equal(
                CrowdingTable.Of(steps, from, to, TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam"), 100, now),
                await OccupancyAnswers.CrowdingAsync(Store, site, from, to, now, Cancellation));
        }
    }

    /// <summary>Some days of changes of a site, and the figures that the server makes of them.</summary>
    private static (OccupancyChange[] Changes, SeriesFigures Figures) RandomOccupancy(int days)
    {
        var random = new Random(5);
        var (at, persons) = (Start, 0);
        var fresh = new List<OccupancyChange>();
        for (; at < Start.AddDays(days); at = at.AddMilliseconds(random.Next(1, 1_200_000)))
        {
            persons = Math.Max(0, persons + random.Next(-9, 10));
            fresh.Add(new OccupancyChange("ratelaar", random.Next(4) > 0 ? "site" : "hall", "live", at, persons, Math.Max(0, persons - 2), persons + 3));
        }

        var (maker, all) = (new FigureMaker(new Dictionary<string, byte[]>()), new List<OccupancyChange>());
        maker.Take(fresh, at.AddMinutes(-20), all);
        return ([.. all], new SeriesFigures([.. maker.Quarters], [], [.. maker.Levels]));
    }

    [Fact]
    public async Task Occupancy_is_led_by_the_last_change_before_from()
    {
        OccupancyChange At(int minute, int estimate) => new("ratelaar", "hall", "live", Start.AddMinutes(minute), estimate, estimate - 1, estimate + 1);
        OccupancyChange[] changes = [At(0, 1), At(10, 2), At(20, 3), At(30, 4), At(40, 5)];
        await Store.WriteAsync([], [.. changes, At(15, 99) with { Zone = "site" }, At(16, 98) with { Basis = "reconciled" }], Cancellation);
        await Store.WriteAsync([], changes, Cancellation);

        Assert.Equal(changes[1..4], await OccupancyAsync(15, 40));
        Assert.Equal(changes[1..4], await OccupancyAsync(20, 40));
        Assert.Equal(changes[..1], await OccupancyAsync(0, 10));
        Assert.Equal(changes[4..], await OccupancyAsync(100, 200));
        Assert.Empty(await OccupancyAsync(-20, -10));

        async Task<IReadOnlyList<OccupancyChange>> OccupancyAsync(int from, int to) =>
            await Store.OccupancyAsync("ratelaar", "hall", "live", Start.AddMinutes(from), Start.AddMinutes(to), Cancellation);
    }

    [Fact]
    public async Task Of_two_changes_in_one_millisecond_the_last_wins()
    {
        var first = new OccupancyChange("ratelaar", "hall", "live", Start, 1, 0, 2);
        await Store.WriteAsync([], [first, first with { Estimate = 7, At = Start.AddTicks(9) }], Cancellation);
        Assert.Equal([first with { Estimate = 7 }], await Store.OccupancyAsync("ratelaar", "hall", "live", Start, Start.AddHours(1), Cancellation));
        await Store.WriteAsync([], [first with { Estimate = 8 }], Cancellation);
        Assert.Equal([first with { Estimate = 8 }], await Store.OccupancyAsync("ratelaar", "hall", "live", Start, Start.AddHours(1), Cancellation));
    }

    [Fact]
    public async Task The_widest_bounds_and_an_interval_of_nothing_give_an_answer_or_a_clear_error()
    {
        await WriteAsync([Passage(1, Start, 1)]);
        Assert.Equal(1, (await Store.PassagesAsync("ratelaar", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, TimeSpan.FromHours(1), Cancellation)).Sum(point => point.In));
        Assert.Empty(await Store.OccupancyAsync("ratelaar", "hall", "live", DateTimeOffset.MinValue, DateTimeOffset.MaxValue, Cancellation));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.PassagesAsync("ratelaar", Start, Start.AddDays(1), TimeSpan.Zero, Cancellation));
    }

    protected static EventPoint Passage(long seq, DateTimeOffset at, int value) =>
        new("ratelaar", "ratelaar-01", Stream, seq, at, "main-door", "passage", value, "main", InIsPositive: true);

    /// <summary>Passages over about two weeks through three doors of two sites, the same at every run; some share a millisecond.</summary>
    internal static IReadOnlyList<EventPoint> RandomPassages(int count, DateTimeOffset start)
    {
        var random = new Random(20261124);
        var at = start;
        var passages = new List<EventPoint>(count);
        for (var seq = 1; seq <= count; seq++)
        {
            at = random.Next(10) == 0 ? at : at.AddTicks(random.NextInt64(TimeSpan.TicksPerMinute * 3));
            var door = random.Next(3);
            var value = random.Next(1, 21) * (random.Next(2) == 0 ? 1 : -1);
            passages.Add(Passage(seq, at, value) with { Portal = $"door-{door}", InIsPositive = door != 1, Site = random.Next(8) == 0 ? "elsewhere" : "ratelaar" });
        }

        return passages;
    }

    internal async Task ExpectAsync(IReadOnlyList<EventPoint> passages, string site, DateTimeOffset from, DateTimeOffset to, TimeSpan interval)
    {
        var expected = passages.Where(point => point.Site == site)
            .GroupBy(point => (At: point.At.ToUnixTimeMilliseconds() / (long)interval.TotalMilliseconds * (long)interval.TotalMilliseconds, point.Portal))
            .Select(group => new PassagePoint(
                DateTimeOffset.FromUnixTimeMilliseconds(group.Key.At), group.Key.Portal!,
                (int)group.Where(point => point.Value > 0 == point.InIsPositive).Sum(point => Math.Abs(point.Value)),
                (int)group.Where(point => point.Value > 0 != point.InIsPositive).Sum(point => Math.Abs(point.Value))))
            .OrderBy(point => point.At).ThenBy(point => point.Portal, StringComparer.Ordinal);
        Assert.Equal(expected, await Store.PassagesAsync(site, from, to, interval, Cancellation));
    }

    private Task WriteAsync(IReadOnlyList<EventPoint> points) => Store.WriteAsync(points, [], Cancellation);

    private async Task<IReadOnlyList<PassagePoint>> PassagesAsync(string site) =>
        await Store.PassagesAsync(site, Start, Start.AddHours(1), TimeSpan.FromHours(1), Cancellation);
}
