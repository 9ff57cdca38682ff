namespace Facility.Contracts.Rest;

/// <summary>Bookings beside what the rooms were used for.</summary>
public sealed record BookedUse(IReadOnlyList<CalendarState> Calendars, IReadOnlyList<BookedRoom> Rooms, IReadOnlyList<BookedActivity> Bookings);

/// <param name="FetchedAt">When the calendar that is used was read; null where none ever was.</param>
/// <param name="Problem">Why a newer one could not be read; null where all is well.</param>
public sealed record CalendarState(string Zone, DateTimeOffset? FetchedAt, string? Problem);

/// <summary>A room's totals, in hours, over open hours and bookings.</summary>
/// <param name="Booked">Hours booked of which use is known.</param>
/// <param name="Used">Of those, the hours in use.</param>
/// <param name="Unbooked">Hours in use that nobody had booked.</param>
public sealed record BookedRoom(string Zone, int Bookings, int NoShows, double Booked, double Used, double Unbooked);

/// <param name="Title">Null in a private room and for what the calendar marks as private.</param>
/// <param name="Outcome"><c>used</c>, <c>no-show</c> (never half a person on average in a quarter), <c>unknown</c> (less than half of it known) or <c>coming</c>.</param>
/// <param name="InUse">Share of its time in use, 0..1.</param>
/// <param name="Mean">Persons while in use; null in a private room, as all below.</param>
/// <param name="Peak">The most persons.</param>
/// <param name="Low">The mean of the lower ends while in use.</param>
/// <param name="High">The mean of the upper ends.</param>
/// <param name="Fullness">Mean by capacity, 1 is full.</param>
public sealed record BookedActivity(
    string Zone, DateTimeOffset From, DateTimeOffset To, string? Title, string Outcome, double? InUse, double? Mean, int? Peak, double? Low, double? High,
    double? Fullness);
