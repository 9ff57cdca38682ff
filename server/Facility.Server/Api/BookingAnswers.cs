using Facility.Contracts.Rest;
using Facility.Domain.Trends;
using Facility.Server.Ports;

namespace Facility.Server.Api;

/// <summary>What rooms were booked for beside what they were used for: <c>/v1/sites/{site}/bookings</c>.</summary>
internal static class BookingAnswers
{
    private static readonly Table<BookedActivity> Columns = new Table<BookedActivity>()
        .With("zone", a => a.Zone).With("from", a => a.From).With("to", a => a.To).With("title", a => a.Title).With("outcome", a => a.Outcome)
        .With("inUse", a => a.InUse).With("mean", a => a.Mean).With("peak", a => a.Peak).With("low", a => a.Low).With("high", a => a.High)
        .With("fullness", a => a.Fullness);

    public static async Task<IResult> AnswerAsync(SiteCall call)
    {
        var query = call.Query.Only("from", "to", "basis");
        var ((from, to), basis) = (query.Range(days: 28), call.BasisKey());
        if (query.Problem is { } problem)
        {
            return Problems.BadRequest(problem);
        }

        var used = await OfAsync(call, from, to, basis);
        return await Negotiated.OrJsonAsync(call.Request, used, used.Bookings, Columns, $"{call.Site.Id}-bookings");
    }

    public static async Task<BookedUse> OfAsync(SiteCall call, DateTimeOffset from, DateTimeOffset to, string basis)
    {
        var calendars = call.Request.HttpContext.RequestServices.GetRequiredService<ICalendars>();
        var (states, rooms, activities) = (new List<CalendarState>(), new List<BookedRoom>(), new List<BookedActivity>());
        foreach (var zone in call.Site.Zones.Where(z => z.Calendar is not null))
        {
            var (state, bookings) = await calendars.BookingsAsync(call.Site, zone, from, to, call.Cancellation);
            states.Add(state);

            // Of a calendar that was never read nothing is known: not even that use was unbooked.
            if (state.FetchedAt is null)
            {
                continue;
            }

            // As far beyond the end as a booking lasts, so that its own use is whole.
            var until = bookings.Select(b => b.To).Append(to).Max();
            var quarters = await TrendAnswers.QuartersAsync(call, zone.Id, from, until, basis);
            var (room, own) = BookedAgainstUsed.Of(zone, bookings, quarters, at => at < to && call.IsOpen(at), call.Now);
            rooms.Add(room);
            activities.AddRange(own);
        }

        return new BookedUse(states, rooms, [.. activities.OrderBy(a => a.From)]);
    }
}
