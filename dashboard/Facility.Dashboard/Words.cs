using System.Globalization;
using System.Resources;

namespace Facility.Dashboard;

/// <summary>The words of the UI, from <c>Resources/Texts.resx</c> (Dutch) and <c>Texts.en.resx</c>, by the language of the page.</summary>
public static class Words
{
    public static readonly ResourceManager Resources = new("Facility.Dashboard.Resources.Texts", typeof(Words).Assembly);

    /// <summary>Of the page: nl or en.</summary>
    public static string Language => CultureInfo.CurrentUICulture.TwoLetterISOLanguageName;

    /// <summary>The text; the key itself when there is none, which a test forbids.</summary>
    public static string T(string key) => Resources.GetString(key, CultureInfo.CurrentUICulture) ?? key;

    public static string T(string key, params object?[] values) => string.Format(CultureInfo.CurrentCulture, T(key), values);

    /// <summary>How long ago, in the largest whole unit.</summary>
    public static string Ago(TimeSpan age) => age switch
    {
        { TotalSeconds: < 60 } => T("AgoSeconds", Math.Max(0, (int)age.TotalSeconds)),
        { TotalMinutes: < 60 } => T("AgoMinutes", (int)age.TotalMinutes),
        { TotalHours: < 48 } => T("AgoHours", (int)age.TotalHours),
        _ => T("AgoDays", (int)age.TotalDays),
    };

    /// <summary>Where the buildings are: clock times on the pages are theirs, wherever the reader or the server is.</summary>
    public static readonly TimeZoneInfo LocalZone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Amsterdam");

    public static DateTimeOffset Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, LocalZone);

    /// <summary>An instant at the buildings: the time alone today, with the day otherwise.</summary>
    public static string At(DateTimeOffset instant, DateTimeOffset now)
    {
        var (local, today) = (Local(instant), Local(now).Date);
        return local.ToString(local.Date == today ? "HH:mm" : "d MMM HH:mm", CultureInfo.CurrentCulture);
    }
}
