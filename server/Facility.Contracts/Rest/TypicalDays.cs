namespace Facility.Contracts.Rest;

/// <summary>What is normal on a day like this, the day itself as far as it is over, and a forecast of its rest.</summary>
/// <param name="Measure"><c>occupancy</c> (mean persons) or <c>visits</c> (persons in).</param>
/// <param name="Kind"><c>ordinary</c>, <c>holiday</c> or <c>closed</c>. A holiday is compared with holidays, any other day with its weekday.</param>
/// <param name="Holiday">Its Dutch name.</param>
/// <param name="Days">How many past days the normal is made of; below 3 there is none.</param>
/// <param name="Level">How busy the day was so far beside normal, 1 is normal; null before it began and where there is no normal.</param>
/// <param name="Busier">When it was busier than normal; the last may be going on.</param>
public sealed record TypicalDay(
    string Measure, DateOnly Date, string Kind, string? Holiday, int Days, double? Level, IReadOnlyList<TypicalHour> Hours, IReadOnlyList<BusierEvent> Busier);

/// <param name="Low">1 in 10 past days was at or below it.</param>
/// <param name="High">9 in 10 past days were at or below it.</param>
/// <param name="Actual">What it was; null where that is not known, and for an hour that is not over.</param>
/// <param name="Forecast">For hours that are not over.</param>
public sealed record TypicalHour(
    int Hour, double? Low, double? Median, double? High, double? Actual, double? Forecast, double? ForecastLow, double? ForecastHigh);

/// <param name="FromHour">The hour in which it began.</param>
/// <param name="ToHour">The hour that was normal again; null while it goes on.</param>
/// <param name="Score">The highest: how far above the median, in widths of the band from its middle to where 1 in 6 days is above.</param>
public sealed record BusierEvent(int FromHour, int? ToHour, double Score);
