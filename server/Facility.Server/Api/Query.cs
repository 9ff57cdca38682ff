using System.Globalization;
using System.Text.RegularExpressions;
using Facility.Contracts;

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

    /// <summary>From and to; without them the last 24 hours.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Range()
    {
        var to = Time("to", now);
        var from = Time("from", to.Year < 1900 ? to : to - TimeSpan.FromDays(1));
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

    /// <summary>An ISO 8601 duration of whole minutes, at least one, that gives at most 40,000 intervals.</summary>
    public TimeSpan Interval(string standard, DateTimeOffset from, DateTimeOffset to)
    {
        var text = One("interval") ?? standard;
        var match = Duration().Match(text);
        double Part(int group) => match.Groups[group].Success ? int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture) : 0;
        var minutes = match.Success ? (Part(1) * 1440) + (Part(2) * 60) + Part(3) : 0;
        if (minutes is < 1 or > 366 * 1440)
        {
            Fail($"interval {Quote(text)} is not an ISO 8601 duration of days, hours and minutes from PT1M to P366D, such as PT15M, PT1H or P1D");
            return TimeSpan.FromMinutes(1);
        }

        var interval = TimeSpan.FromMinutes(minutes);
        if (Problem is null && (to - from) / interval > Limits.AnswerPoints)
        {
            Fail($"more than {Limits.AnswerPoints} points; take a longer interval or a shorter time between from and to");
        }

        return interval;
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

    private DateTimeOffset Time(string key, DateTimeOffset standard)
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

    [GeneratedRegex(@"^P(?!$)(?:([0-9]{1,5})D)?(?:T(?!$)(?:([0-9]{1,5})H)?(?:([0-9]{1,6})M)?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Duration();
}
