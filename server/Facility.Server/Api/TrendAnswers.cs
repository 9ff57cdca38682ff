using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Domain.Places;
using Facility.Domain.Trends;

namespace Facility.Server.Api;

/// <summary>Reads the figures that a trend is made of and has it made; the making is in <see cref="Domain.Trends"/>.</summary>
internal static class TrendAnswers
{
    /// <summary>Days before the end of the range that a door's error is learned from, or the range where that is longer.</summary>
    private const int LearnDays = 91;

    public static async Task<VisitHistory> VisitsAsync(SiteCall call, DateTimeOffset from, DateTimeOffset to, string per, CalendarInterval interval)
    {
        var (calendar, end) = (call.Calendar, to < call.Now ? to : call.Now);
        var learnFrom = end.AddDays(-LearnDays) < from ? end.AddDays(-LearnDays) : from;
        var known = learnFrom < end ? await OuterPassagesAsync(call, learnFrom, end, new Interval(TimeSpan.FromDays(1), CalendarInterval.Day)) : [];
        var byDay = known.GroupBy(p => calendar.DayOf(p.At)).ToDictionary(g => g.Key, g => new DayCount(g.Key, g.Sum(p => p.In), g.Sum(p => p.Out)));
        var error = DoorError.Learn(byDay.Values);
        var basis = error is null ? new DoorBasis(DoorBasis.Assumed, 0, 0) : new DoorBasis(DoorBasis.Imbalance, error.Days, error.Share);

        // A day without passages is 0, but not before anything was ever counted.
        var (first, last) = (calendar.DayOf(from), calendar.DayOf(end.AddTicks(-1)));
        var begin = byDay.Count == 0 ? DateOnly.MaxValue : byDay.Keys.Min();
        var days = Days(first > begin ? first : begin, last).Select(day => byDay.GetValueOrDefault(day, new DayCount(day, 0, 0)));

        // The first day may have been learned from in full: what was asked for is only its end.
        var wholeFrom = calendar.StartOf(first) == from ? first : first.AddDays(1);
        if (wholeFrom > first && learnFrom < from)
        {
            var part = await OuterPassagesAsync(call, from, Min(end, calendar.StartOf(wholeFrom)), new Interval(TimeSpan.FromDays(1), CalendarInterval.Day));
            days = days.Select(d => d.Day == first ? new DayCount(first, part.Sum(p => p.In), part.Sum(p => p.Out)) : d);
        }

        var wholeTo = calendar.StartOf(last.AddDays(1)) == end ? last.AddDays(1) : last;
        return new VisitHistory(per, basis, VisitCount.Of(days, interval, error, wholeFrom, wholeTo));
    }

    public static async Task<IReadOnlyList<UseRow>> UseAsync(SiteCall call, DateTimeOffset from, DateTimeOffset to, string basis)
    {
        var rows = new List<UseRow>();
        foreach (var zone in call.Site.Zones.Prepend(new Zone(Site.WholeSite, "", call.Site.Capacity)))
        {
            rows.AddRange(ZoneUse.Of(zone.Id, zone.Capacity, zone.Private, await QuartersAsync(call, zone.Id, from, to, basis), call.Calendar, call.IsOpen));
        }

        return rows;
    }

    public static async Task<Staffing> StaffingAsync(SiteCall call, DateTimeOffset from, DateTimeOffset to, string basis) => StaffedCrowding.Of(
        await QuartersAsync(call, Site.WholeSite, from, to, basis), call.Site.Capacity, call.Calendar,
        at => OpeningHours.IsStaffed(call.Site, call.TimeZone, at), at => OpeningHours.IsOpen(call.Site, call.TimeZone, at));

    public static async Task<TypicalDay> TypicalDayAsync(SiteCall call, DateOnly date, string zone, int weeks, bool visits)
    {
        var (calendar, kind) = (call.Calendar, DayKind.Of(call.Site, date));
        var history = await HoursAsync(call, zone, visits, Normal.Since(date, weeks, kind), date);
        var normal = Normal.Of(date, weeks, history, day => DayKind.Of(call.Site, day));
        var today = calendar.DayOf(call.Now);
        var hour = date < today ? 24 : date > today ? 0 : calendar.Local(call.Now).Hour;
        var actual = (history.GetValueOrDefault(date) ?? new double?[24]).Select((value, h) => h < hour ? value : null).ToArray();
        var forecast = Forecast.Of(date, hour, normal, history, day => DayKind.Of(call.Site, day));
        var hours = Enumerable.Range(0, 24).Select(h => new TypicalHour(
            h, Round(normal.Hours[h]?.Low), Round(normal.Hours[h]?.Median), Round(normal.Hours[h]?.High), Round(actual[h]),
            Round(forecast.Hours[h]?.Median), Round(forecast.Hours[h]?.Low), Round(forecast.Hours[h]?.High)));
        return new TypicalDay(
            visits ? "visits" : "occupancy", date, kind.Name, kind.Holiday, normal.Days, hour == 0 ? null : forecast.Level, [.. hours],
            BusierDecision.Of(normal.Hours, actual));
    }

    /// <summary>Figures by local day and hour, from the first day to the end of the last, as far as it is past.</summary>
    public static async Task<Dictionary<DateOnly, double?[]>> HoursAsync(SiteCall call, string zone, bool visits, DateOnly first, DateOnly last)
    {
        var (calendar, from) = (call.Calendar, call.Calendar.StartOf(first));
        var end = Min(calendar.StartOf(last.AddDays(1)), call.Now);
        return from >= end ? []
            : !visits ? HourTable.Means(await QuartersAsync(call, zone, from, end, SiteEndpoints.Live), calendar)
            : HourTable.Sums(
                [.. (await OuterPassagesAsync(call, from, end, new Interval(QuarterHour.Length, null))).Select(p => (p.At, p.In))], calendar, end);
    }

    public static Task<List<OccupancySum>> QuartersAsync(SiteCall call, string zone, DateTimeOffset from, DateTimeOffset to, string basis) =>
        OccupancyAnswers.QuartersAsync(call.Series, call.Site.Id, zone, basis, from, to, call.Now, call.Cancellation);

    private static async Task<PassagePoint[]> OuterPassagesAsync(SiteCall call, DateTimeOffset from, DateTimeOffset to, Interval interval)
    {
        var outer = call.Site.Portals.Where(p => p.From == Site.Outside || p.To == Site.Outside).Select(p => p.Id).Except(SiteEndpoints.HiddenDoors(call.Site)).ToHashSet();
        return [.. (await PassageAnswers.PassagesAsync(call.Series, call.Site, from, to, interval, call.Now, call.Cancellation)).Where(p => outer.Contains(p.Portal))];
    }

    private static IEnumerable<DateOnly> Days(DateOnly first, DateOnly last)
    {
        for (var day = first; day <= last; day = day.AddDays(1))
        {
            yield return day;
        }
    }

    private static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static double? Round(double? value) => value is { } number ? Math.Round(number, 3) : null;
}
