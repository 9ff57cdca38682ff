using CsCheck;
using Facility.Domain.Occupancy;

namespace Facility.Tests.Unit.Occupancy;

public sealed class SiteFiguresTests
{
    private static readonly DateTimeOffset Start = new(2026, 10, 24, 22, 7, 0, TimeSpan.Zero);

    private static readonly Gen<(int Ms, int Persons, bool Site, bool Restart)[]> Changes =
        Gen.Select(Gen.Int[0, 2_000_000], Gen.Int[0, 60], Gen.Bool, Gen.Bool).Array[1, 120];

    [Fact]
    public void Figures_made_as_changes_come_over_any_restarts_are_those_made_of_all_changes_in_hindsight() => Changes.Sample(changes =>
    {
        var (figures, made, at) = (new SiteFigures(), new MadeFigures(), Start);
        var steps = new Dictionary<string, List<EstimateStep>> { ["site"] = [], ["hall"] = [] };
        foreach (var (ms, persons, site, restart) in changes)
        {
            at = at.AddMilliseconds(ms);
            var step = new EstimateStep(at, persons, persons / 2, persons * 2);
            steps[site ? "site" : "hall"].Add(step);
            figures.Take(site ? "site" : "hall", step, made);
            figures = restart ? new SiteFigures(figures.Snapshot()) : figures;
        }

        var end = QuarterHour.Ceiling(at);
        figures.AdvanceTo(end, made);
        foreach (var (zone, all) in steps)
        {
            Assert.Equal(
                TimeWeighted.Sums(all, QuarterHour.Floor(Start), end, QuarterHour.Length, QuarterHour.Floor(Start)),
                made.Quarters.Where(q => q.Zone == zone).Select(q => q.Sum));
        }

        // Over the night in which the clock goes back.
        var amsterdam = TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam");
        var blocksEnd = QuarterHour.Floor(end, Levels.BlockLength);
        var table = new CrowdingTable(amsterdam, 40);
        made.Blocks.ForEach(b => table.Add(b, Start.AddHours(-4), end));
        Assert.Equal(CrowdingTable.Of(steps["site"], Start, blocksEnd, amsterdam, 40, end), table.Cells());
        Assert.All(made.Restated, r => Assert.Equal(
            steps[r.Zone].Last(s => s.At <= r.Step.At && (s.At < r.Step.At || r.Step.Estimate == s.Estimate)) with { At = r.Step.At }, r.Step));
    }, iter: 300);

    [Theory]
    [InlineData("x")]
    [InlineData("0")]
    [InlineData("0:1*")]
    public void Levels_that_were_not_written_here_say_what_is_wrong(string text) => Assert.Throws<FormatException>(() => Levels.Read(text).ToArray());

    [Fact]
    public void A_day_that_ends_at_midnight_and_intervals_of_a_day_are_whole_quarters()
    {
        var midnight = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.FromHours(1));
        Assert.True(QuarterHour.Holds(midnight, TimeSpan.FromDays(1)));
        Assert.False(QuarterHour.Holds(midnight, TimeSpan.FromMinutes(20)));
        Assert.False(QuarterHour.Holds(midnight.AddMinutes(1), TimeSpan.FromMinutes(15)));
        Assert.Equal(midnight, QuarterHour.Ceiling(midnight.AddMinutes(-1)));
        Assert.Equal(midnight, QuarterHour.Floor(midnight.AddMinutes(14)));
        Assert.Equal(new DateTimeOffset(1969, 12, 31, 20, 0, 0, TimeSpan.Zero), QuarterHour.Floor(DateTimeOffset.UnixEpoch.AddTicks(-1), TimeSpan.FromHours(4)));
    }
}
