using System.Globalization;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Dashboard.Pictures;

namespace Facility.Tests.Unit.Dashboard;

public sealed class DayTests
{
    private static readonly Site Open9To17 = new("a", "A", "Europe/Amsterdam", 100, [new("hall", "Hal")], [], [],
        OpeningHours: new Dictionary<string, IReadOnlyList<string>> { ["tue"] = ["09:00-12:30", "13:00-16:45"] }, ClosedOn: [new(2026, 12, 1)]);

    public DayTests() => CultureInfo.CurrentUICulture = CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("nl");

    [Fact]
    public void A_site_is_open_from_its_first_hour_to_the_end_of_its_last_and_not_on_closed_days()
    {
        Assert.Equal((9, 17), DayWords.Open(Open9To17, new DateOnly(2026, 11, 24)));
        Assert.Null(DayWords.Open(Open9To17, new DateOnly(2026, 11, 25)));
        Assert.Null(DayWords.Open(Open9To17, new DateOnly(2026, 12, 1)));
    }

    [Fact]
    public void It_is_quiet_where_at_most_half_as_many_are_expected_as_at_the_busiest_hour_and_what_is_over_is_not_told() =>
        Assert.Equal([(13, 14), (15, 17)], DayWords.Quiet(Day(9, [20, 40, 80, 100, 50, 90, 30, 10]), (9, 17), 12));

    [Theory]
    [InlineData(10, "Zo druk als gewoonlijk. Het drukst rond 12–13 uur: ongeveer 100.")]
    [InlineData(14, "Zo druk als gewoonlijk. Drukker wordt het vandaag niet.")]
    public void The_busiest_hour_to_come_is_told_in_words(int hour, string said) =>
        Assert.Equal(said, DayWords.Say(Day(hour, [20, 40, 80, 100, 50, 90, 30, 10]), hour));

    [Fact]
    public void A_line_is_broken_where_nothing_is_known() =>
        Assert.Equal("M0 100L250 50M750 0", new DayPicture(8, 12, 10).Line([(8, 0), (9, 5), (10, null), (11, 10), (13, 3)]));

    [Theory]
    [InlineData(40, 100, Crowd.Calm)]
    [InlineData(50, 100, Crowd.Room)]
    [InlineData(80, 100, Crowd.Busy)]
    [InlineData(101, 100, Crowd.Over)]
    public void How_busy_is_a_share_of_the_capacity(int people, int capacity, Crowd crowd) =>
        Assert.Equal(crowd, Crowds.Of(new ZoneOccupancy("hall", people, people, people, capacity, true, false)));

    private static TypicalDay Day(int now, double[] from9) => new("occupancy", new DateOnly(2026, 11, 24), "ordinary", null, 8, 1,
        [.. from9.Select((n, i) => new TypicalHour(9 + i, n, n, n, 9 + i < now ? n : null, 9 + i >= now ? n : null, n, n))], []);
}
