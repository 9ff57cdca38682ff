namespace Facility.Domain.Trends;

/// <summary>The rest of a day, from what is normal and how busy the day was so far.</summary>
/// <param name="Level">How busy it was so far beside normal, drawn to 1 while little of the day is over; null where there is no normal.</param>
/// <param name="Hours">24; set for hours that are not over and have a normal.</param>
/// <remarks>
/// An hour's base is half the median of its own weekday, which knows the week's rhythm, and half that of the last four weeks' working
/// days, or weekend days, which knows it from five times the days. The level so far counts less the further ahead, by a tenth an hour.
/// The three constants were chosen on the recorded door that the trial is run on.
/// </remarks>
public sealed record Forecast(double? Level, IReadOnlyList<HourBand?> Hours)
{
    private const double WeekdayShare = 0.5;
    private const double Prior = 0.3;
    private const double Fade = 0.9;

    /// <param name="history">Figures by day, of at least four weeks before <paramref name="date"/>; the date's own where it is under way.</param>
    /// <param name="hour">The first hour that is not over, 0..24.</param>
    public static Forecast Of(DateOnly date, int hour, Normal normal, IReadOnlyDictionary<DateOnly, double?[]> history, Func<DateOnly, DayKind> kindOf)
    {
        var alike = kindOf(date).IsHoliday ? [] : Enumerable.Range(1, 28).Select(back => date.AddDays(-back))
            .Where(d => IsWeekend(d) == IsWeekend(date) && kindOf(d) == DayKind.Ordinary).Select(d => history.GetValueOrDefault(d)).OfType<double?[]>().ToArray();
        var bases = Enumerable.Range(0, 24).Select(h => Base(h, normal.Hours[h], alike)).ToArray();
        var prior = Prior * bases.Sum(b => b ?? 0);
        if (prior == 0)
        {
            return new Forecast(null, [.. normal.Hours.Select((band, h) => h >= hour ? band : null)]);
        }

        var today = history.GetValueOrDefault(date);
        var known = Enumerable.Range(0, hour).Where(h => bases[h] is not null && today?[h] is not null).ToArray();
        var level = (known.Sum(h => today![h]!.Value) + prior) / (known.Sum(h => bases[h]!.Value) + prior);
        return new Forecast(Math.Round(level, 3), [.. Enumerable.Range(0, 24).Select(Ahead)]);

        HourBand? Ahead(int h)
        {
            if (h < hour || normal.Hours[h] is not { } band || bases[h] is not { } middle)
            {
                return null;
            }

            var factor = 1 + ((level - 1) * Math.Pow(Fade, h - hour));
            var median = middle * factor;
            return new HourBand(Math.Min(median, band.Low * factor), median, Math.Max(median, band.High * factor));
        }
    }

    private static bool IsWeekend(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    private static double? Base(int hour, HourBand? own, double?[][] alike)
    {
        var values = alike.Select(d => d[hour]).OfType<double>().Order().ToArray();
        return own is not { } band ? null
            : values.Length < Normal.FewestDays ? band.Median
            : (WeekdayShare * band.Median) + ((1 - WeekdayShare) * Normal.Quantile(values, 0.5));
    }
}
