using CsCheck;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Domain.Trends;

namespace Facility.Tests.Unit.Trends;

public sealed class TrendTests
{
    private static readonly LocalCalendar Dutch = new(TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam"));
    private static readonly DateTimeOffset Monday = new(2026, 11, 2, 9, 0, 0, TimeSpan.FromHours(1));

    [Theory]
    [InlineData("2026-03-29", 23)]
    [InlineData("2026-03-30", 24)]
    [InlineData("2026-10-25", 25)]
    public void A_local_day_has_as_many_hours_as_the_clock_gives_it(string day, int hours)
    {
        var date = DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(hours, (Dutch.StartOf(date.AddDays(1)) - Dutch.StartOf(date)).TotalHours);
        var quarters = Enumerable.Range(0, hours * 4).Select(i => Quarter(Dutch.StartOf(date).AddMinutes(15 * i), 2));
        var folded = Assert.Single(LocalPeriods.Fold(quarters, Dutch, CalendarInterval.Day));
        Assert.Equal(hours * 3_600_000L, folded.KnownMs);
        Assert.Equal(2, folded.ToPoint().Mean);
    }

    [Fact]
    public void Every_day_lies_in_its_own_period_and_periods_meet() => Gen.Select(Gen.Int[693_000, 767_000], Gen.Int[0, 2]).Sample((number, kind) =>
    {
        var day = DateOnly.FromDayNumber(number);
        var interval = kind switch { 0 => CalendarInterval.Day, 1 => CalendarInterval.Week, _ => CalendarInterval.Month };
        var start = interval.StartOf(day);
        Assert.True(start <= day && day < interval.Next(start));
        Assert.Equal(interval.Next(start), interval.StartOf(interval.Next(start)));
        Assert.Equal(day, Dutch.DayOf(Dutch.StartOf(day)));
        Assert.NotEqual(day, Dutch.DayOf(Dutch.StartOf(day).AddTicks(-1)));
    });

    [Theory]
    [InlineData("2026-04-05", "Eerste Paasdag")]
    [InlineData("2026-05-14", "Hemelvaartsdag")]
    [InlineData("2025-04-26", "Koningsdag")]
    [InlineData("2026-12-26", "Tweede Kerstdag")]
    [InlineData("2026-12-27", null)]
    public void Dutch_holidays_are_known_by_name(string day, string? name) =>
        Assert.Equal(name, DutchHolidays.Name(DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture)));

    [Fact]
    public void The_interval_of_visits_holds_what_was_counted_and_what_the_other_direction_says() => Gen.Int[0, 50_000].Sample(count =>
    {
        var days = Enumerable.Range(0, 14).Select(i => new DayCount(new DateOnly(2026, 11, 1).AddDays(i), 105 + (i % 3), 100)).ToArray();
        var error = DoorError.Learn(days)!;
        Assert.InRange(error.Share, 0.02, 0.04);
        var (low, high) = DoorError.Interval(error, count);
        Assert.True(0 <= low && low <= count && count <= high && low <= count / (1 + (2 * error.Share)));
    });

    [Fact]
    public void Six_days_are_too_few_to_learn_a_door_from() =>
        Assert.Null(DoorError.Learn([.. Enumerable.Range(0, 6).Select(i => new DayCount(new DateOnly(2026, 11, 1).AddDays(i), 500, 500))]));

    [Fact]
    public void Use_is_told_by_part_of_the_day_and_a_private_room_tells_free_or_in_use_alone()
    {
        OccupancySum[] quarters = [Quarter(Monday, 12), Quarter(Monday.AddMinutes(15), 0), Quarter(Monday.AddHours(4), 9)];
        var open = ZoneUse.Of("hall", 10, false, quarters, Dutch, _ => true);
        Assert.Equal(["morning", "afternoon", "all"], open.Select(r => r.Part));
        Assert.Equal((0.5, 6.0, 0.5, 0.5), (open[0].InUse, open[0].Mean, open[0].Above80, open[0].Above100));
        Assert.Equal((1.0, 1.0, 0.0), (open[1].InUse, open[1].Above80, open[1].Above100));
        Assert.All(ZoneUse.Of("consult-1", 4, true, quarters, Dutch, _ => true), row =>
            Assert.All([row.Mean, row.Low, row.High, row.Above80, row.Above80High, row.Above100, row.Above100High], Assert.Null));
    }

    [Fact]
    public void Crowding_is_split_by_staff_and_an_empty_closed_hour_counts_nowhere()
    {
        OccupancySum[] quarters = [Quarter(Monday, 90), Quarter(Monday.AddHours(10), 20), Quarter(Monday.AddHours(16), 0)];
        var staffing = StaffedCrowding.Of(quarters, 100, Dutch, at => at == Monday, _ => false);
        Assert.Equal([(true, 0.25, 22.5, 1.0), (false, 0.25, 5.0, 0.0)], staffing.Totals.Select(t => (t.Staffed, t.Hours, t.PersonHours, t.Above80)));
        Assert.Equal([(1, 9), (1, 19), (2, 1)], staffing.Cells.Select(c => (c.Weekday, c.Hour)));
    }

    [Fact]
    public void A_day_like_its_weekdays_is_forecast_as_they_were_and_a_day_twice_as_busy_higher_but_less_than_twice()
    {
        var date = new DateOnly(2026, 11, 23);
        var history = Enumerable.Range(1, 56).ToDictionary(back => date.AddDays(-back), _ => Enumerable.Repeat<double?>(10, 24).ToArray());
        var normal = Normal.Of(date, 8, history, _ => DayKind.Ordinary);
        Assert.Equal((8, new HourBand(10, 10, 10)), (normal.Days, normal.Hours[15]!.Value));

        history[date] = [.. Enumerable.Repeat<double?>(10, 12), .. new double?[12]];
        Assert.Equal(10, Forecast.Of(date, 12, normal, history, _ => DayKind.Ordinary).Hours[15]!.Value.Median, 6);
        history[date] = [.. Enumerable.Repeat<double?>(20, 12), .. new double?[12]];
        var busy = Forecast.Of(date, 12, normal, history, _ => DayKind.Ordinary);
        Assert.InRange(busy.Hours[12]!.Value.Median, 13, 19);
        Assert.True(busy.Hours[20]!.Value.Median < busy.Hours[12]!.Value.Median);
        Assert.Null(busy.Hours[11]);
    }

    [Fact]
    public void A_holiday_is_not_compared_with_its_weekday_and_a_closed_day_has_no_normal()
    {
        var christmas = new DateOnly(2026, 12, 25);
        var history = Enumerable.Range(1, 70).ToDictionary(back => christmas.AddDays(-back), _ => Enumerable.Repeat<double?>(10, 24).ToArray());
        Assert.Equal(0, Normal.Of(christmas, 8, history, day => DutchHolidays.Name(day) is { } name ? new("holiday", name) : DayKind.Ordinary).Days);
        Assert.Equal(0, Normal.Of(christmas, 8, history, _ => DayKind.Closed).Days);
    }

    [Fact]
    public void Busier_than_normal_begins_at_its_score_holds_through_the_edge_and_ends_below_one()
    {
        var normal = Enumerable.Repeat<HourBand?>(new HourBand(5, 10, 14), 24).ToArray();
        double?[] actual = [10, 30, 15, null, 11, 12, 40];
        var events = BusierDecision.Of(normal, actual);
        Assert.Equal([(1, 4), (6, null)], events.Select(e => (e.FromHour, e.ToHour)));
        Assert.True(events[0].Score >= BusierDecision.Begins);
        Assert.Empty(BusierDecision.Of(normal, [10, 12, 14, 9]));
    }

    [Fact]
    public void A_booking_is_used_a_no_show_unknown_or_coming_and_other_use_is_unbooked()
    {
        var zone = new Zone("meeting", "Meeting", 10);
        var quarters = Enumerable.Range(0, 16).Select(i => Quarter(Monday.AddMinutes(15 * i), i < 4 ? 5 : i is 12 or 13 ? 2 : 0)).ToArray();
        Booking[] bookings =
        [
            new(Monday, Monday.AddHours(1), "Koor"), new(Monday.AddHours(1), Monday.AddHours(2), "Schaken"),
            new(Monday.AddHours(5), Monday.AddHours(6), "Later"), new(Monday.AddHours(-5), Monday.AddHours(-4), "Vroeg"),
        ];
        var (room, activities) = BookedAgainstUsed.Of(zone, bookings, quarters, _ => true, Monday.AddHours(4));
        Assert.Equal([("Vroeg", "unknown"), ("Koor", "used"), ("Schaken", "no-show"), ("Later", "coming")], activities.Select(a => (a.Title!, a.Outcome)));
        Assert.Equal((5.0, 0.5, 5), (activities[1].Mean, activities[1].Fullness, activities[1].Peak));
        Assert.Equal(new BookedRoom("meeting", 4, 1, 2, 1, 0.5), room);

        var (_, hidden) = BookedAgainstUsed.Of(zone with { Private = true }, bookings, quarters, _ => true, Monday.AddHours(4));
        Assert.All(hidden, a => Assert.True(a is { Title: null, Mean: null, Peak: null, Low: null, High: null, Fullness: null }));
        Assert.Equal("used", hidden[1].Outcome);
    }

    private static OccupancySum Quarter(DateTimeOffset at, int persons) => new(at.ToUniversalTime(), persons * 900_000L, 900_000, persons, persons, persons);
}
