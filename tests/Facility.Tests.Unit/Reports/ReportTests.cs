using System.Text.RegularExpressions;
using System.Xml.Linq;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Domain.Trends;
using Facility.Server.Reports;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Reports;

/// <summary>The page of a month that is known in full.</summary>
public sealed class ReportTests
{
    private static readonly DateOnly First = new(2026, 10, 1);
    private static readonly LocalCalendar Dutch = new(TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam"));

    [Fact]
    public void Every_figure_of_visits_and_people_stands_beside_its_interval()
    {
        var report = Month();
        var page = ReportPage.Write(report);
        Assert.Contains($"waarschijnlijk {Count(report.Total!.Low)} tot {Count(report.Total.High)}", page, StringComparison.Ordinal);
        foreach (var point in report.Days.Points)
        {
            Assert.Contains($": {Count(point.Visits)} ({Count(point.Low)} tot {Count(point.High)})</title>", page, StringComparison.Ordinal);
        }

        Assert.Contains("geleerd uit 31 dagen", page, StringComparison.Ordinal);
        Assert.Contains("achteraf per dag kloppend gemaakt", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.5, "meer dan")]
    [InlineData(1, "niet aantoonbaar anders dan")]
    [InlineData(2, "minder dan")]
    public void A_change_is_one_only_where_the_intervals_do_not_meet(double beside, string words)
    {
        var report = Month();
        var now = report.Total!;
        var before = now with { From = new(2026, 9, 1), Visits = (int)(now.Visits * beside), Low = (int)(now.Low * beside), High = (int)(now.High * beside) };
        Assert.Contains($"<b>{words}</b> in september 2026", ReportPage.Write(report with { Before = before }), StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_calendar_is_said_and_pictures_are_sound_xml()
    {
        var page = ReportPage.Write(Month());
        Assert.Contains("De agenda van Spreekkamer 1 kon niet worden gelezen; gebruikt is die van 3 oktober", page, StringComparison.Ordinal);
        Assert.Contains("60% <span class='note'>(50–70)</span>", page, StringComparison.Ordinal);
        var pictures = Regex.Matches(page, "<svg.*?</svg>", RegexOptions.Singleline);
        Assert.Equal(3, pictures.Count);
        Assert.All(pictures, picture => Assert.NotEmpty(XElement.Parse(picture.Value).Elements()));
    }

    private static string Count(int value) => Server.Reports.Dutch.Count(value);

    private static MonthReport Month()
    {
        var site = Seeds.Ratelaar with { ClosedOn = [new(2026, 10, 31)] };
        site = site with { Zones = [.. site.Zones.Select(z => z.Id == "consult-1" ? z with { Name = "Spreekkamer 1", Calendar = "a.ics" } : z)] };
        var counts = Enumerable.Range(0, 31).Select(i => new DayCount(First.AddDays(i), i == 30 ? 0 : 140 + (i * 37 % 90) - (i % 7 is 2 or 3 ? 90 : 0), i == 30 ? 0 : 136 + (i * 37 % 90) - (i % 7 is 2 or 3 ? 88 : 0) + (i % 5))).ToArray();
        var error = DoorError.Learn(counts);
        VisitHistory Visits(string per, CalendarInterval interval) => new(
            per, new DoorBasis(DoorBasis.Imbalance, 31, error!.Share), VisitCount.Of(counts, interval, error, First, First.AddDays(31)));
        var quarters = Enumerable.Range(0, 31 * 96).Select(i => Dutch.StartOf(First).AddMinutes(15 * i)).Select(at => (at, Hour: Dutch.Local(at).Hour, Day: (int)Dutch.Local(at).DayOfWeek))
            .Select(t => Quarter(t.at, t.Hour is < 9 or > 22 ? 0 : (int)(70 * Math.Exp(-Math.Pow((t.Hour - 10.5 - (t.Day % 3)) / 3, 2)) + (t.Day is 2 or 4 ? 210 * Math.Exp(-Math.Pow((t.Hour - 20) / 1.5, 2)) : 4)), 0.15)).ToArray();
        var use = site.Zones.Prepend(new Zone(Site.WholeSite, "", site.Capacity)).SelectMany((zone, n) => ZoneUse.Of(
            zone.Id, zone.Capacity, zone.Private,
            quarters.Select(q => Quarter(q.At, (int)((q.PersonMs / 900_000.0) / (n == 0 ? 1 : 2 + (n * n))), 0.25)), Dutch, at => Dutch.Local(at).Hour is >= 9 and < 23));
        var staffing = StaffedCrowding.Of(
            quarters, site.Capacity, Dutch, at => Domain.Places.OpeningHours.IsStaffed(site, Domain.Places.OpeningHours.ZoneOf(site), at), at => Dutch.Local(at).Hour is >= 9 and < 23);
        var booked = new BookedUse(
            [new("meeting", Dutch.StartOf(First), null), new("consult-1", Dutch.StartOf(First.AddDays(2)).AddHours(12), "its server answered 503")],
            [new("meeting", 42, 5, 96.5, 71.25, 12), new("consult-1", 18, 2, 18, 14.5, 30)],
            [new("meeting", Dutch.StartOf(First).AddHours(10), Dutch.StartOf(First).AddHours(12), "Koor", "used", 1, 60, 66, 50, 70, 0.6)]);
        return new MonthReport(
            site, First, First.AddDays(30), "reconciled", Visits("day", CalendarInterval.Day), Visits("month", CalendarInterval.Month).Points.Single(), null, [.. use], staffing, booked);
    }

    private static OccupancySum Quarter(DateTimeOffset at, int persons, double slack) =>
        new(at.ToUniversalTime(), persons * 900_000L, 900_000, persons, (int)(persons * (1 - slack)), (int)Math.Ceiling(persons * (1 + slack)));
}
