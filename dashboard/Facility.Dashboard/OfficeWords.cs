using System.Globalization;
using System.Resources;

namespace Facility.Dashboard;

/// <summary>The words of Piket, Trends and Beheer, from <c>Resources/OfficeTexts.resx</c> (Dutch) and <c>OfficeTexts.en.resx</c>.</summary>
public static class OfficeWords
{
    public static readonly ResourceManager Resources = new("Facility.Dashboard.Resources.OfficeTexts", typeof(OfficeWords).Assembly);

    /// <summary>The text; the key itself when there is none, which a test forbids.</summary>
    public static string O(string key) => Resources.GetString(key, CultureInfo.CurrentUICulture) ?? key;

    public static string O(string key, params object?[] values) => string.Format(CultureInfo.CurrentCulture, O(key), values);

    /// <summary>The text of a key, or what stands there already where there is none: ids of things are theirs to choose.</summary>
    public static string Or(string key, string otherwise) => Resources.GetString(key, CultureInfo.CurrentUICulture) ?? otherwise;

    /// <summary>A weekday from 1, Monday, in full.</summary>
    public static string Weekday(int day) => CultureInfo.CurrentCulture.DateTimeFormat.GetDayName((DayOfWeek)(day % 7));

    /// <summary>The same in two or three letters.</summary>
    public static string ShortWeekday(int day) => CultureInfo.CurrentCulture.DateTimeFormat.GetAbbreviatedDayName((DayOfWeek)(day % 7));

    /// <summary>A share of 0..1 in whole percents.</summary>
    public static string Percent(double share) => Math.Round(share * 100).ToString("0", CultureInfo.CurrentCulture) + "%";
}
