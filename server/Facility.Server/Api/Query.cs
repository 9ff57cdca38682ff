using System.Globalization;
using System.Text.RegularExpressions;
using Facility.Contracts;
using Facility.Domain.Trends;

namespace Facility.Server.Api;

/// <summary>Reads query keys; the first thing wrong is a sentence for the client.</summary>
public sealed partial class Query(IQueryCollection keys, DateTimeOffset now)
{
    /// <summary>What is wrong, if anything is.</summary>
    public string? Problem { get; private set; }

    public Query Only(params string[] allowed)
    {
        var unknown = keys.Keys.FirstOrDefault(k => !allowed.Contains(k));
        if (unknown is not null)
        {
            Fail($"unknown query key {Quote(unknown)}; {(allowed.Length == 0 ? "none is" : string.Join(", ", allowed) + " are")} allowed");
        }

        return this;
    }

    /// <summary>From and to; without them the last days, 1 where nothing else is said.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Range(int days = 1)
    {
        var to = Time("to", now);
        var from = Time("from", to.Year < 1900 ? to : to - TimeSpan.FromDays(days));
        if (from >= to && to.Year >= 1900)
        {
            Fail($"from {Rfc3339.Format(from)} is not before to {Rfc3339.Format(to)}");
        }
        else if (to.Year is > 9000 or < 1900 || from.Year is > 9000 or < 1900 || from.AddYears(Limits.AnswerYears) < to)
        {
            Fail($"from and to are more than {Limits.AnswerYears} years apart, or beyond 1900 to 9000");
        }

        return (from, to);
    }

    /// <summary>
    /// An ISO 8601 duration that gives at most 40,000 intervals: whole days, weeks, months or years of the site's calendar, or hours
    /// and minutes of fixed length.
    /// </summary>
    public Interval Interval(string standard, DateTimeOffset from, DateTimeOffset to)
    {
        var text = One("interval") ?? standard;
        var match = Duration().Match(text);
        int Part(string name) => match.Groups[name].Success ? int.Parse(match.Groups[name].ValueSpan, CultureInfo.InvariantCulture) : 0;
        var (months, days, minutes) = ((Part("y") * 12) + Part("m"), (Part("w") * 7) + Part("d"), (Part("h") * 60) + Part("min"));
        var length = TimeSpan.FromMinutes((months * 28 * 1440) + (days * 1440) + minutes);
        if (!match.Success || length < TimeSpan.FromMinutes(1) || months > 12 || length > TimeSpan.FromDays(366))
        {
            Fail($"interval {Quote(text)} is not an ISO 8601 duration from PT1M to a year, such as PT15M, PT1H, P1D, P1W or P1M");
            return new Interval(TimeSpan.FromMinutes(1), null);
        }

        if (Problem is null && (to - from) / length > Limits.AnswerPoints)
        {
            Fail($"more than {Limits.AnswerPoints} points; take a longer interval or a shorter time between from and to");
        }

        return new Interval(length, minutes > 0 ? null : new CalendarInterval(days, months));
    }

    /// <summary>One of some words.</summary>
    public string Choice(string key, string standard, params IEnumerable<string> allowed)
    {
        var text = One(key) ?? standard;
        if (!allowed.Contains(text))
        {
            Fail($"{key} {Quote(text)} is not one of {string.Join(", ", allowed)}");
        }

        return text;
    }

    /// <summary>A day, from 1900 to <paramref name="last"/>.</summary>
    public DateOnly Date(string key, DateOnly standard, DateOnly last)
    {
        if (One(key) is not { } text)
        {
            return standard;
        }

        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day.Year < 1900 || day > last)
        {
            Fail($"{key} {Quote(text)} is not a day such as 2026-11-24, from 1900 to {last:yyyy-MM-dd}");
            return standard;
        }

        return day;
    }

    /// <summary>A whole number.</summary>
    public int Whole(string key, int standard, int least, int most)
    {
        var text = One(key);
        if (text is null || (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out standard) && standard >= least && standard <= most))
        {
            return standard;
        }

        Fail($"{key} {Quote(text)} is not a whole number from {least} to {most}");
        return least;
    }

    public DateTimeOffset Time(string key, DateTimeOffset standard)
    {
        if (One(key) is not { } text)
        {
            return standard;
        }

        // A plus sign that was not percent-encoded arrives as a space.
        if (Rfc3339.TryParse(text.Replace(' ', '+'), out var instant))
        {
            return instant;
        }

        Fail($"{key} {Quote(text)} is not an RFC 3339 time with an offset, such as 2026-11-24T09:00:00Z");
        return standard;
    }

    private string? One(string key)
    {
        var values = keys[key];
        if (values.Count > 1)
        {
            Fail($"{key} stands more than once");
        }

        return values.Count == 0 ? null : values[0];
    }

    private void Fail(string problem) => Problem ??= problem;

    private static string Quote(string text) => $"\"{(text.Length > 60 ? text[..60] + "..." : text)}\"";

    [GeneratedRegex(
        @"^P(?!$)(?:(?<y>[0-9]{1,2})Y|(?<m>[0-9]{1,3})M|(?<w>[0-9]{1,3})W|(?:(?<d>[0-9]{1,4})D)?(?:T(?!$)(?:(?<h>[0-9]{1,5})H)?(?:(?<min>[0-9]{1,6})M)?)?)$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}

/// <summary>How long the intervals of an answer are.</summary>
/// <param name="Length">The exact length, or for <paramref name="Calendar"/> the shortest.</param>
/// <param name="Calendar">Set for whole days, weeks and months, which are the site's own and not all as long.</param>
public readonly record struct Interval(TimeSpan Length, CalendarInterval? Calendar);
