namespace Facility.Domain.Trends;

/// <summary>What an hour is like on past days: the median, and the band that 8 in 10 of them lie in.</summary>
public readonly record struct HourBand(double Low, double Median, double High);

/// <summary>What is normal on a date, from past days of its kind; medians and quantiles, so that one party or one broken door changes little.</summary>
/// <param name="Days">Past days it is made of.</param>
/// <param name="Hours">24; null where fewer than <see cref="FewestDays"/> are known.</param>
public sealed record Normal(int Days, IReadOnlyList<HourBand?> Hours)
{
    public const int FewestDays = 3;

    /// <summary>How far back a holiday looks for other holidays.</summary>
    public const int HolidayDays = 731;

    /// <summary>The first day whose figures count for a date.</summary>
    public static DateOnly Since(DateOnly date, int weeks, DayKind kind) => date.AddDays(kind.IsHoliday ? -HolidayDays : -7 * Math.Max(weeks, 4));

    /// <param name="history">Figures by day; days from <paramref name="date"/> on are not looked at.</param>
    /// <param name="weeks">How many weeks back an ordinary day looks for its weekday.</param>
    public static Normal Of(DateOnly date, int weeks, IReadOnlyDictionary<DateOnly, double?[]> history, Func<DateOnly, DayKind> kindOf)
    {
        var kind = kindOf(date);
        if (kind == DayKind.Closed)
        {
            return new Normal(0, new HourBand?[24]);
        }

        var days = Enumerable.Range(1, kind.IsHoliday ? HolidayDays : 7 * weeks).Select(back => date.AddDays(-back))
            .Where(day => kind.IsHoliday ? kindOf(day).IsHoliday : day.DayOfWeek == date.DayOfWeek && kindOf(day) == DayKind.Ordinary)
            .Select(day => history.GetValueOrDefault(day)).OfType<double?[]>().ToArray();
        return new Normal(days.Length, [.. Enumerable.Range(0, 24).Select(hour => Band([.. days.Select(d => d[hour]).OfType<double>()]))]);
    }

    /// <summary>The quantile at p × (n + 1), which holds p of what comes next (definition 6 of Hyndman and Fan, 1996); within the values.</summary>
    public static double Quantile(IReadOnlyList<double> sorted, double p)
    {
        var at = Math.Clamp((p * (sorted.Count + 1)) - 1, 0, sorted.Count - 1);
        var below = (int)at;
        return sorted[below] + ((sorted[Math.Min(below + 1, sorted.Count - 1)] - sorted[below]) * (at - below));
    }

    private static HourBand? Band(double[] values)
    {
        Array.Sort(values);
        return values.Length < FewestDays ? null : new HourBand(Quantile(values, 0.1), Quantile(values, 0.5), Quantile(values, 0.9));
    }
}
