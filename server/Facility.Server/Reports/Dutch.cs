using System.Globalization;
using Facility.Contracts;

namespace Facility.Server.Reports;

/// <summary>Numbers and days as Dutch readers write them, whatever the machine's own language; and text made safe for HTML.</summary>
internal static class Dutch
{
    public static readonly IReadOnlyList<string> Weekdays = ["ma", "di", "wo", "do", "vr", "za", "zo"];

    private static readonly string[] Months =
        ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"];

    private static readonly string[] FullWeekdays = ["zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"];

    private static readonly NumberFormatInfo Numbers = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };

    public static string Count(double value) => value.ToString("#,##0", Numbers);

    /// <summary>One decimal below 10.</summary>
    public static string Persons(double value) => value.ToString(value < 9.95 ? "0.#" : "#,##0", Numbers);

    public static string Percent(double share) => share is > 0 and < 0.005 ? "minder dan 1%" : Count(share * 100) + "%";

    public static string Month(DateOnly day) => $"{Months[day.Month - 1]} {day.Year}";

    public static string Day(DateOnly day) => $"{day.Day} {Months[day.Month - 1]}";

    public static string WeekdayAndDay(DateOnly day) => $"{FullWeekdays[(int)day.DayOfWeek]} {Day(day)}";

    public static string Safe(string text) => SafeText.Html(text);
}
