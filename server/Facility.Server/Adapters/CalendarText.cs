using System.Diagnostics;
using Facility.Domain.Trends;
using Ical.Net;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Evaluation;

namespace Facility.Server.Adapters;

/// <summary>A calendar that cannot be used; the message says why.</summary>
internal sealed class CalendarException(string message) : Exception(message);

/// <summary>
/// Bookings out of iCalendar text (RFC 5545): recurring ones with their exceptions and moved occurrences. Cancelled ones and those marked
/// as free are left out. A time without a zone is the site's own.
/// </summary>
internal static class CalendarText
{
    private const int MostBookings = 20_000;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(5);

    /// <exception cref="CalendarException">It is not a calendar, or one beyond the limits.</exception>
    public static IReadOnlyList<Booking> Bookings(string text, TimeZoneInfo siteZone, DateTimeOffset from, DateTimeOffset to)
    {
        try
        {
            var calendar = Calendar.Load(text) ?? throw new CalendarException("it holds no calendar: it must begin with BEGIN:VCALENDAR");
            var began = Stopwatch.GetTimestamp();
            var bookings = new List<Booking>();

            // From two days earlier: the start of a search is of no zone, and a booking's own may be half a day off.
            var start = new CalDateTime(from.UtcDateTime.AddDays(-2), "UTC");
            var end = new CalDateTime(to.UtcDateTime.AddDays(2), "UTC");
            foreach (var occurrence in calendar.GetOccurrences<CalendarEvent>(start, new EvaluationOptions { MaxUnmatchedIncrementsLimit = 10_000 }).TakeWhileBefore(end))
            {
                if (bookings.Count >= MostBookings || Stopwatch.GetElapsedTime(began) > MostTime)
                {
                    throw new CalendarException($"it has more than {MostBookings} bookings in this time, or takes more than {MostTime.TotalSeconds} s to work out");
                }

                var booked = (CalendarEvent)occurrence.Source;
                var begin = Instant(occurrence.Period.StartTime, siteZone);
                if (begin < from || begin >= to || booked.Status == EventStatus.Cancelled || booked.Transparency == TransparencyType.Transparent)
                {
                    continue;
                }

                var finish = occurrence.Period.EffectiveEndTime is { } last ? Instant(last, siteZone) : begin;
                if (finish > begin)
                {
                    bookings.Add(new Booking(begin, finish, booked.Class is null or "PUBLIC" ? booked.Summary : null));
                }
            }

            return [.. bookings.OrderBy(b => b.From)];
        }
        catch (Exception e) when (e is not (CalendarException or OutOfMemoryException))
        {
            // The library says what is wrong with a text by whatever exception its parser or its time zones meet.
            throw new CalendarException("it is not a calendar that can be read: " + e.Message);
        }
    }

    /// <summary>Refuses what is no calendar, or recurs so often that working it out takes for ever: no room is booked every minute.</summary>
    /// <exception cref="CalendarException">It is refused.</exception>
    public static void Check(string text, TimeZoneInfo siteZone, DateTimeOffset now)
    {
        if (!text.AsSpan().TrimStart('\uFEFF').TrimStart().StartsWith("BEGIN:VCALENDAR", StringComparison.OrdinalIgnoreCase))
        {
            throw new CalendarException("it is not iCalendar: it must begin with BEGIN:VCALENDAR");
        }

        if (text.Contains("FREQ=SECONDLY", StringComparison.OrdinalIgnoreCase) || text.Contains("FREQ=MINUTELY", StringComparison.OrdinalIgnoreCase))
        {
            throw new CalendarException("it has a booking that recurs by the second or minute; allowed are hourly to yearly");
        }

        Bookings(text, siteZone, now.AddDays(-1), now.AddDays(1));
    }

    private static DateTimeOffset Instant(CalDateTime at, TimeZoneInfo siteZone)
    {
        if (at.TzId is not null)
        {
            return new DateTimeOffset(at.AsUtc, TimeSpan.Zero);
        }

        // An hour that the clock skips is taken as if it had not.
        var local = DateTime.SpecifyKind(at.Value, DateTimeKind.Unspecified);
        return new DateTimeOffset(local, siteZone.IsInvalidTime(local) ? siteZone.GetUtcOffset(local.AddHours(-3)) : siteZone.GetUtcOffset(local)).ToUniversalTime();
    }
}
