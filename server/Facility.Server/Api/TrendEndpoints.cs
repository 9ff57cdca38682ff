using Facility.Contracts.Rest;
using Facility.Domain.Access;
using Facility.Domain.Trends;
using Facility.Server.Api.Access;

namespace Facility.Server.Api;

/// <summary>Trends of a site for analysts, below <c>/v1/sites/{site}</c>.</summary>
internal static class TrendEndpoints
{
    private const int FarthestAhead = 14;

    private static readonly Table<VisitPoint> VisitTable = new Table<VisitPoint>()
        .With("from", p => p.From).With("visits", p => p.Visits).With("low", p => p.Low).With("high", p => p.High).With("out", p => p.Out)
        .With("days", p => p.Days).With("partial", p => p.Partial);

    private static readonly Table<UseRow> UseTable = new Table<UseRow>()
        .With("zone", r => r.Zone).With("part", r => r.Part).With("hours", r => r.Hours).With("inUse", r => r.InUse).With("inUseLow", r => r.InUseLow)
        .With("inUseHigh", r => r.InUseHigh).With("mean", r => r.Mean).With("low", r => r.Low).With("high", r => r.High)
        .With("above80", r => r.Above80).With("above80High", r => r.Above80High).With("above100", r => r.Above100).With("above100High", r => r.Above100High);

    private static readonly Table<StaffingCell> StaffingTable = new Table<StaffingCell>()
        .With("weekday", c => c.Weekday).With("hour", c => c.Hour).With("staffed", c => c.Staffed).With("mean", c => c.Mean).With("low", c => c.Low)
        .With("high", c => c.High).With("above80", c => c.Above80);

    private static readonly Table<TypicalHour> TypicalTable = new Table<TypicalHour>()
        .With("hour", h => h.Hour).With("low", h => h.Low).With("median", h => h.Median).With("high", h => h.High).With("actual", h => h.Actual)
        .With("forecast", h => h.Forecast).With("forecastLow", h => h.ForecastLow).With("forecastHigh", h => h.ForecastHigh);

    public static void MapTrends(this IEndpointRouteBuilder v1)
    {
        v1.MapGet("/sites/{site}/visits", SiteCall.Handler(VisitsAsync)).Needs(Right.SeeTrends).WithKeys("from", "to", "per").Series<VisitHistory>();
        v1.MapGet("/sites/{site}/use", SiteCall.Handler(UseAsync)).Needs(Right.SeeTrends).WithKeys("from", "to", "basis").Series<RoomUse>();
        v1.MapGet("/sites/{site}/staffing", SiteCall.Handler(StaffingAsync)).Needs(Right.SeeTrends).WithKeys("from", "to", "basis").Series<Staffing>();
        v1.MapGet("/sites/{site}/typical-day", SiteCall.Handler(TypicalDayAsync)).Needs(Right.SeePublicOccupancy).WithKeys("date", "zone", "weeks", "measure").Series<TypicalDay>();
        v1.MapGet("/sites/{site}/bookings", SiteCall.Handler(BookingAnswers.AnswerAsync)).Needs(Right.SeeTrends).WithKeys("from", "to", "basis").Series<BookedUse>();
        v1.MapGet("/sites/{site}/reports/{month}", SiteCall.Handler(Reports.MonthReport.AnswerAsync)).Needs(Right.SeeTrends)
            .Produces<string>(200, "text/html").ProducesProblem(400).ProducesProblem(404).ProducesProblem(503);
    }

    private static async Task<IResult> VisitsAsync(SiteCall call)
    {
        var query = call.Query.Only("from", "to", "per");
        var per = query.Choice("per", "day", "day", "week", "month");
        var (from, to) = query.Range(days: per == "day" ? 28 : 365);
        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        var visits = await TrendAnswers.VisitsAsync(
            call, from, to, per, per switch { "day" => CalendarInterval.Day, "week" => CalendarInterval.Week, _ => CalendarInterval.Month });
        return await Negotiated.OrJsonAsync(call.Request, visits, visits.Points, VisitTable, $"{call.Site.Id}-visits");
    }

    private static async Task<IResult> UseAsync(SiteCall call)
    {
        var query = call.Query.Only("from", "to", "basis");
        var ((from, to), basis) = (query.Range(days: 28), call.BasisKey());
        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        var rows = await TrendAnswers.UseAsync(call, from, to, basis);
        return await Negotiated.OrJsonAsync(call.Request, new RoomUse(rows), rows, UseTable, $"{call.Site.Id}-use");
    }

    private static async Task<IResult> StaffingAsync(SiteCall call)
    {
        var query = call.Query.Only("from", "to", "basis");
        var ((from, to), basis) = (query.Range(days: 28), call.BasisKey());
        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        var staffing = await TrendAnswers.StaffingAsync(call, from, to, basis);
        return await Negotiated.OrJsonAsync(call.Request, staffing, staffing.Cells, StaffingTable, $"{call.Site.Id}-staffing");
    }

    private static async Task<IResult> TypicalDayAsync(SiteCall call)
    {
        var query = call.Query.Only("date", "zone", "weeks", "measure");
        var today = call.Calendar.DayOf(call.Now);
        var (date, weeks, zone) = (query.Date("date", today, today.AddDays(FarthestAhead)), query.Whole("weeks", 8, 3, 52), call.ZoneKey());
        var visits = query.Choice("measure", "occupancy", zone == Contracts.Places.Site.WholeSite ? ["occupancy", "visits"] : ["occupancy"]) == "visits";
        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        var day = await TrendAnswers.TypicalDayAsync(call, date, zone, weeks, visits);
        return await Negotiated.OrJsonAsync(call.Request, day, day.Hours, TypicalTable, $"{call.Site.Id}-{zone}-typical-day");
    }
}
