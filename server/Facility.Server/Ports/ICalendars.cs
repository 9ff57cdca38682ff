using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Trends;

namespace Facility.Server.Ports;

/// <summary>The bookings of rooms.</summary>
public interface ICalendars
{
    /// <summary>Bookings of a room that start from <paramref name="from"/> (inclusive) to <paramref name="to"/> (exclusive), in order of time.</summary>
    /// <returns>With the state of the calendar: where a newer one cannot be read, the last good one is used and the problem said.</returns>
    Task<(CalendarState State, IReadOnlyList<Booking> Bookings)> BookingsAsync(
        Site site, Zone zone, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);
}
