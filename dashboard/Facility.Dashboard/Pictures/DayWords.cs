using System.Globalization;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using static Facility.Dashboard.Words;

namespace Facility.Dashboard.Pictures;

/// <summary>A day in words, so that its picture needs not be seen: how it is beside normal, when it will be busiest, when it is quiet.</summary>
public static class DayWords
{
    private static readonly string[] Names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>The first hour and the end of the last that a site is open on a day; 8 to 22 where its hours are not known, null where it is closed.</summary>
    public static (int From, int To)? Open(Site site, DateOnly day)
    {
        if (site.OpeningHours is not { Count: > 0 } week)
        {
            return (8, 22);
        }

        var spans = site.ClosedOn?.Contains(day) == true ? [] : week.GetValueOrDefault(Names[(int)day.DayOfWeek]) ?? [];
        var hours = spans.Select(span => (From: Hour(span[..5]), To: Hour(span[6..]))).ToList();
        return hours.Count == 0 ? null : ((int)hours.Min(h => h.From), (int)Math.Ceiling(hours.Max(h => h.To)));
    }

    /// <summary>One or two sentences.</summary>
    public static string Say(TypicalDay day, int hour)
    {
        if (day.Kind == "closed")
        {
            return T("Day.Closed");
        }

        if (day.Days < 3)
        {
            return T("Day.TooFew");
        }

        var beside = day.Level switch { null => "", > 1.2 => T("Day.Busier"), < 0.8 => T("Day.Calmer"), _ => T("Day.Normal") };
        var peak = day.Hours.Where(h => h.Hour > hour && h.Forecast is not null).MaxBy(h => h.Forecast);
        var now = day.Hours.FirstOrDefault(h => h.Hour == hour)?.Forecast ?? 0;
        var later = peak is null || peak.Forecast < 1 || peak.Forecast <= now * 1.05 ? T("Day.NoBusier") : T("Day.Peak", peak.Hour, peak.Hour + 1, Math.Round(peak.Forecast!.Value));
        return (beside + " " + later).Trim();
    }

    /// <summary>The quiet spans of a day that are not over, within opening hours: where at most half as many are expected as at its busiest.</summary>
    public static IReadOnlyList<(int From, int To)> Quiet(TypicalDay day, (int From, int To) open, int hour)
    {
        var expected = day.Hours.Where(h => h.Hour >= open.From && h.Hour < open.To).Select(h => (h.Hour, Persons: h.Forecast ?? h.Median)).ToList();
        var most = expected.Max(h => h.Persons) ?? 0;
        var spans = new List<(int From, int To)>();
        foreach (var (quiet, _) in expected.Where(h => h.Hour >= hour && h.Persons is { } persons && persons <= most / 2))
        {
            if (spans is [.., var last] && last.To == quiet)
            {
                spans[^1] = (last.From, quiet + 1);
            }
            else
            {
                spans.Add((quiet, quiet + 1));
            }
        }

        return spans;
    }

    private static double Hour(string time) =>
        int.Parse(time[..2], CultureInfo.InvariantCulture) + (int.Parse(time[3..5], CultureInfo.InvariantCulture) / 60.0);
}
