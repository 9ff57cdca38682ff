using System.Globalization;
using Facility.Contracts.Rest;
using Facility.Domain.Trends;
using Facility.Server.Api;

namespace Facility.Server.Reports;

/// <summary>What the report of a month says, before it is laid out.</summary>
/// <param name="Last">The last whole day that it is about: yesterday, in a month that is not over.</param>
/// <param name="Basis">Where occupancy comes from: <c>reconciled</c> where that is known for as many hours as <c>live</c>.</param>
/// <param name="Before">Visits of the month before; null where nothing was counted, or not all of it.</param>
internal sealed record MonthReport(
    Contracts.Places.Site Site, DateOnly First, DateOnly Last, string Basis, VisitHistory Days, VisitPoint? Total, VisitPoint? Before,
    IReadOnlyList<UseRow> Use, Staffing Staffing, BookedUse Booked)
{
    public bool IsWhole => Last.AddDays(1).Day == 1;

    /// <summary><c>GET /v1/sites/{site}/reports/{month}</c>.</summary>
    public static async Task<IResult> AnswerAsync(SiteCall call)
    {
        var text = (string?)call.Request.RouteValues["month"] ?? "";
        var yesterday = call.Calendar.DayOf(call.Now).AddDays(-1);
        if (!DateOnly.TryParseExact(text + "-01", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var first)
            || first.Year < 2000 || first > yesterday)
        {
            return Problems.BadRequest($"there is a report for each month from 2000-01 to {yesterday:yyyy-MM}, written so, and only once it has a whole day");
        }

        if (call.Query.Only().Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        var end = first.AddMonths(1).AddDays(-1);
        var report = await OfAsync(call, first, end < yesterday ? end : yesterday);
        call.Request.HttpContext.Response.Headers.ContentSecurityPolicy = ReportPage.Policy;
        return TypedResults.Text(ReportPage.Write(report), "text/html; charset=utf-8");
    }

    private static async Task<MonthReport> OfAsync(SiteCall call, DateOnly first, DateOnly last)
    {
        var (from, to) = (call.Calendar.StartOf(first), call.Calendar.StartOf(last.AddDays(1)));
        var days = await TrendAnswers.VisitsAsync(call, from, to, "day", CalendarInterval.Day);
        var total = await TrendAnswers.VisitsAsync(call, from, to, "month", CalendarInterval.Month);
        var before = await TrendAnswers.VisitsAsync(call, call.Calendar.StartOf(first.AddMonths(-1)), from, "month", CalendarInterval.Month);
        var (live, use) = (await TrendAnswers.UseAsync(call, from, to, SiteEndpoints.Live), await TrendAnswers.UseAsync(call, from, to, SiteEndpoints.Reconciled));
        var reconciled = use.Sum(r => r.Hours) >= live.Sum(r => r.Hours) && use.Count > 0;
        var basis = reconciled ? SiteEndpoints.Reconciled : SiteEndpoints.Live;
        return new MonthReport(
            call.Site, first, last, basis, days, total.Points.SingleOrDefault(), before.Points.SingleOrDefault(p => !p.Partial),
            reconciled ? use : live, await TrendAnswers.StaffingAsync(call, from, to, basis), await BookingAnswers.OfAsync(call, from, to, basis));
    }
}
