namespace Facility.Domain.Trends;

/// <summary>Mean absolute errors over the same hours, in the unit of the figures.</summary>
/// <param name="Pairs">Forecasts compared: each hour of the day that is forecast from, with each hour from then on.</param>
/// <param name="Covered">Share of them that lay within the forecast's band; 0.8 is meant.</param>
public readonly record struct TrialResult(int Pairs, double Forecast, double Median, double LastWeek, double Covered);

/// <summary>How good the forecast is on days that are over, each made only of days before it and the hours before.</summary>
/// <param name="Rest">All hours from then to 23:00, forecast at each hour from 8 to 19.</param>
/// <param name="Next">The coming hour alone.</param>
/// <param name="Days">Days that could be forecast.</param>
/// <param name="BusierDays">Days of them with an event "busier than normal".</param>
public sealed record ForecastTrial(TrialResult Rest, TrialResult Next, int Days, int BusierDays)
{
    private const int FirstOrigin = 8;
    private const int LastOrigin = 19;
    private const int LastHour = 22;

    public static ForecastTrial Of(IReadOnlyDictionary<DateOnly, double?[]> history, int weeks, Func<DateOnly, DayKind> kindOf)
    {
        var (rest, next, days, busier) = (new Tally(), new Tally(), 0, 0);
        foreach (var date in history.Keys.Order())
        {
            var normal = Normal.Of(date, weeks, history, kindOf);
            var (actual, lastWeek) = (history[date], history.GetValueOrDefault(date.AddDays(-7)));
            if (normal.Days < Normal.FewestDays || lastWeek is null)
            {
                continue;
            }

            days++;
            busier += BusierDecision.Of(normal.Hours, actual).Count > 0 ? 1 : 0;
            for (var origin = FirstOrigin; origin <= LastOrigin; origin++)
            {
                var forecast = Forecast.Of(date, origin, normal, history, kindOf);
                for (var hour = origin; hour <= LastHour; hour++)
                {
                    if (forecast.Hours[hour] is { } ahead && normal.Hours[hour] is { } band && actual[hour] is { } truth && lastWeek[hour] is { } last)
                    {
                        rest.Add(ahead, band, last, truth);
                        if (hour == origin)
                        {
                            next.Add(ahead, band, last, truth);
                        }
                    }
                }
            }
        }

        return new ForecastTrial(rest.Result(), next.Result(), days, busier);
    }

    private sealed class Tally
    {
        private int pairs, covered;
        private double forecast, median, lastWeek;

        public void Add(HourBand ahead, HourBand band, double last, double truth)
        {
            pairs++;
            (forecast, median, lastWeek) = (forecast + Math.Abs(ahead.Median - truth), median + Math.Abs(band.Median - truth), lastWeek + Math.Abs(last - truth));
            covered += ahead.Low <= truth && truth <= ahead.High ? 1 : 0;
        }

        public TrialResult Result() => pairs == 0 ? default : new(pairs, forecast / pairs, median / pairs, lastWeek / pairs, (double)covered / pairs);
    }
}
