using System.Globalization;
using Facility.Contracts.Rest;
using Facility.Dashboard;

namespace Facility.Server.OnCall;

/// <summary>What people read when they are called, in their language: the words are the dashboard's own.</summary>
internal static class PageText
{
    public const string Drill = "drill:";
    public const string Gap = "gap:";
    public const string Unreachable = "unreachable:";

    public static string T(string language, string key) => Words.Resources.GetString(key, CultureInfo.GetCultureInfo(language)) ?? key;

    public static string T(string language, string key, params object[] values) =>
        string.Format(CultureInfo.GetCultureInfo(language), T(language, key), values);

    public static string Rule(string language, string rule) => T(language, "Rule." + rule);

    public static string[] Playbook(string language, string rule) => T(language, "Playbook." + rule).Split('|');

    /// <summary>One line: what, and where.</summary>
    public static string Title(string language, Incident incident, string site, string? zone) =>
        $"{Rule(language, incident.Rule)}: {site}{(zone is null ? "" : ", " + zone)}";

    /// <summary>Since when, and what to do first.</summary>
    public static string Body(string language, Incident incident, TimeZoneInfo timeZone) =>
        $"{T(language, "Page.Since", Local(language, incident.OpenedAt, timeZone))}\n{string.Join('\n', Playbook(language, incident.Rule).Select((step, i) => $"{i + 1}. {step}"))}";

    public static string Local(string language, DateTimeOffset at, TimeZoneInfo timeZone) =>
        TimeZoneInfo.ConvertTime(at, timeZone).ToString("dddd d MMMM HH:mm", CultureInfo.GetCultureInfo(language));
}
