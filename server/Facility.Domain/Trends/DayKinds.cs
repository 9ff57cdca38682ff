using Facility.Contracts.Places;

namespace Facility.Domain.Trends;

/// <summary>What sort of day a date is for a site, because a holiday says nothing of an ordinary weekday.</summary>
/// <param name="Holiday">The Dutch name of a public holiday.</param>
public readonly record struct DayKind(string Name, string? Holiday = null)
{
    public static readonly DayKind Ordinary = new("ordinary");
    public static readonly DayKind Closed = new("closed");

    public bool IsHoliday => Holiday is not null;

    /// <summary>Dutch public holidays are kept where the clock is Dutch; days in <c>closedOn</c> everywhere.</summary>
    public static DayKind Of(Site site, DateOnly day) =>
        site.ClosedOn?.Contains(day) == true ? Closed
        : site.TimeZone == "Europe/Amsterdam" && DutchHolidays.Name(day) is { } name ? new DayKind("holiday", name)
        : Ordinary;
}

/// <summary>
/// Public holidays of the Netherlands: those of article 3 of the Algemene termijnenwet, Good Friday that it puts on a par with them,
/// and the Sundays of Easter and Whitsun.
/// </summary>
public static class DutchHolidays
{
    /// <summary>The Dutch name; null on any other day.</summary>
    public static string? Name(DateOnly day)
    {
        var fromEaster = day.DayNumber - Easter(day.Year).DayNumber;
        return (day.Month, day.Day) switch
        {
            (1, 1) => "Nieuwjaarsdag",
            (12, 25) => "Eerste Kerstdag",
            (12, 26) => "Tweede Kerstdag",
            _ when fromEaster is -2 => "Goede Vrijdag",
            _ when fromEaster is 0 => "Eerste Paasdag",
            _ when fromEaster is 1 => "Tweede Paasdag",
            _ when fromEaster is 39 => "Hemelvaartsdag",
            _ when fromEaster is 49 => "Eerste Pinksterdag",
            _ when fromEaster is 50 => "Tweede Pinksterdag",
            _ when day == RoyalDay(day.Year) => day.Year < 2014 ? "Koninginnedag" : "Koningsdag",
            (5, 5) => "Bevrijdingsdag",
            _ => null,
        };
    }

    /// <summary>Western Easter, by the anonymous Gregorian algorithm (Nature, 20 April 1876; Meeus, Astronomical Algorithms, chapter 8).</summary>
    public static DateOnly Easter(int year)
    {
        var (a, b, c) = (year % 19, year / 100, year % 100);
        var f = (b + 8) / 25;
        var h = ((19 * a) + b - (b / 4) - ((b - f + 1) / 3) + 15) % 30;
        var l = (32 + (2 * (b % 4)) + (2 * (c / 4)) - h - (c % 4)) % 7;
        var m = (a + (11 * h) + (22 * l)) / 451;
        var n = h + l - (7 * m) + 114;
        return new DateOnly(year, n / 31, (n % 31) + 1);
    }

    // The birthday of the monarch that is kept; on a Sunday, the Saturday before (before 1980 the Monday after).
    private static DateOnly RoyalDay(int year)
    {
        var day = year < 2014 ? new DateOnly(year, 4, 30) : new DateOnly(year, 4, 27);
        return day.DayOfWeek != DayOfWeek.Sunday ? day : day.AddDays(year < 1980 ? 1 : -1);
    }
}
