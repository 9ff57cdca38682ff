using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;

namespace Facility.Domain.Trends;

/// <summary>One booking of a room.</summary>
/// <param name="Title">Null where the calendar marks it as private.</param>
public readonly record struct Booking(DateTimeOffset From, DateTimeOffset To, string? Title);

/// <summary>What a room was booked for beside what it was used for, by quarters of an hour.</summary>
public static class BookedAgainstUsed
{
    public const string Used = "used";
    public const string NoShow = "no-show";
    public const string Unknown = "unknown";
    public const string Coming = "coming";

    /// <param name="bookings">Those that start in the range; they may overlap.</param>
    /// <param name="quarters">Of the range, in order of time, and as far beyond as the bookings last.</param>
    /// <param name="counted">Whether use in a quarter that nobody booked counts: the site is open.</param>
    /// <param name="now">A booking that ends after it is still coming, or going on.</param>
    public static (BookedRoom Room, IReadOnlyList<BookedActivity> Activities) Of(
        Zone zone, IReadOnlyList<Booking> bookings, IReadOnlyList<OccupancySum> quarters, Func<DateTimeOffset, bool> counted, DateTimeOffset now)
    {
        var times = quarters.Select(q => q.At).ToArray();
        var booked = new bool[quarters.Count];
        var activities = bookings.OrderBy(b => b.From).Select(booking =>
        {
            // A quarter belongs to a booking when most of it lies within.
            var first = Index(booking.From - (QuarterHour.Length / 2));
            var last = Math.Max(first, Index(booking.To - (QuarterHour.Length / 2)));
            Array.Fill(booked, true, first, last - first);
            return Activity(zone, booking, [.. quarters.Skip(first).Take(last - first).Where(q => q.KnownMs > 0)], now);
        }).ToArray();

        double Hours(Func<OccupancySum, bool, bool> which) =>
            Math.Round(quarters.Where((q, i) => q.At < now && which(q, booked[i])).Sum(q => q.KnownMs) / 3_600_000.0, 2);
        var room = new BookedRoom(
            zone.Id, activities.Length, activities.Count(a => a.Outcome == NoShow), Hours((_, b) => b), Hours((q, b) => b && ZoneUse.InUse(q)),
            Hours((q, b) => !b && ZoneUse.InUse(q) && counted(q.At)));
        return (room, activities);

        int Index(DateTimeOffset at)
        {
            var found = Array.BinarySearch(times, at);
            return found < 0 ? ~found : found;
        }
    }

    private static BookedActivity Activity(Zone zone, Booking booking, OccupancySum[] quarters, DateTimeOffset now)
    {
        var title = zone.Private ? null : booking.Title;
        var known = quarters.Sum(q => (double)q.KnownMs);
        if (booking.To > now || known < (booking.To - booking.From).TotalMilliseconds / 2)
        {
            return new BookedActivity(zone.Id, booking.From, booking.To, title, booking.To > now ? Coming : Unknown, null, null, null, null, null, null);
        }

        var used = quarters.Where(q => ZoneUse.InUse(q)).ToArray();
        double usedMs = used.Sum(q => q.KnownMs);
        var outcome = used.Length > 0 ? Used : NoShow;
        var share = Math.Round(usedMs / known, 4);
        if (zone.Private || used.Length == 0)
        {
            return new BookedActivity(zone.Id, booking.From, booking.To, title, outcome, share, null, null, null, null, null);
        }

        var mean = used.Sum(q => q.PersonMs) / usedMs;
        return new BookedActivity(
            zone.Id, booking.From, booking.To, title, outcome, share, Math.Round(mean, 2), used.Max(q => q.Max),
            Math.Round(used.Sum(q => q.Low * (double)q.KnownMs) / usedMs, 2), Math.Round(used.Sum(q => q.High * (double)q.KnownMs) / usedMs, 2),
            zone.Capacity is { } capacity ? Math.Round(mean / capacity, 3) : null);
    }
}
