namespace Facility.Domain.Occupancy;

/// <summary>Quarters of an hour, counted from 1970-01-01T00:00Z: the finest that figures are kept in. Every zone's hours and days are whole ones.</summary>
public static class QuarterHour
{
    public static readonly TimeSpan Length = TimeSpan.FromMinutes(15);

    internal const long Ms = 15 * 60 * 1000;

    /// <summary>The start of the quarter that an instant lies in.</summary>
    public static DateTimeOffset Floor(DateTimeOffset at) => Floor(at, Length);

    /// <summary>The first quarter that starts at or after an instant.</summary>
    public static DateTimeOffset Ceiling(DateTimeOffset at) => Floor(at) == at ? at : Floor(at) + Length;

    /// <summary>The last whole multiple of a length since 1970 at or before an instant.</summary>
    public static DateTimeOffset Floor(DateTimeOffset at, TimeSpan length)
    {
        var since = at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        return new DateTimeOffset(at.UtcTicks - (((since % length.Ticks) + length.Ticks) % length.Ticks), TimeSpan.Zero);
    }

    /// <summary>Whether intervals of this length from here on are made of whole quarters.</summary>
    public static bool Holds(DateTimeOffset from, TimeSpan interval) => Floor(from) == from && interval.Ticks % Length.Ticks == 0;
}
