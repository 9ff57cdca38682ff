using Facility.Contracts.Rest;
using Facility.Domain.Alerts;

namespace Facility.Domain.Incidents;

/// <summary>The life of an incident: open, acknowledged, resolved. Its timeline only grows.</summary>
public static class IncidentLife
{
    public const string Open = "open";
    public const string Acknowledged = "acknowledged";
    public const string Resolved = "resolved";

    /// <summary>A timeline holds so many repeats; further ones say nothing new.</summary>
    private const int MostEntries = 500;

    private static readonly TimeSpan UrgentLapse = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Lapse = TimeSpan.FromHours(8);

    /// <summary>The same decision gives the same incident, so that a journal followed again opens none twice.</summary>
    public static Incident Begin(in Decision d)
    {
        var c = d.Condition;
        var id = $"{c.Site}.{c.Rule}.{c.Cause}.{c.At.ToUnixTimeMilliseconds()}";
        return new Incident(
            id, c.Site, c.Zone, c.Rule, AlertRule.All[c.Rule].Urgent ? "urgent" : "normal", d.Verdict == Verdict.History ? Resolved : Open,
            c.At, null, [new TimelineEntry(d.At, d.Reason, null)], Cause: c.Cause, OpenSince: d.At);
    }

    public static Incident Hear(Incident incident, in Decision d) =>
        d.Verdict == Verdict.Over && AlertRule.All[incident.Rule].ClearsItself
            ? Add(incident with { State = Resolved }, d.At, d.Reason, null)
            : incident.Timeline.Count < MostEntries ? Add(incident, d.At, d.Reason, null) : incident;

    /// <returns>Null when it has not lapsed.</returns>
    public static Incident? Lapsed(Incident incident, DateTimeOffset now) =>
        incident.State == Acknowledged && now >= incident.AcknowledgedAt + (incident.Severity == "urgent" ? UrgentLapse : Lapse)
            ? Add(incident with { State = Open, AcknowledgedBy = null, AcknowledgedAt = null, OpenSince = now }, now, "acknowledgement lapsed: reminder", null)
            : null;

    /// <summary>Who was told, or could not be.</summary>
    public static (Incident? Next, string? Refusal) Told(Incident incident, string what, DateTimeOffset now) =>
        incident.Timeline.Count < MostEntries ? (Add(incident, now, what, null), null) : (null, "its timeline is full");

    /// <summary>Either the incident as it is then, or why not.</summary>
    public static (Incident? Next, string? Refusal) Acknowledge(Incident incident, string who, string? note, DateTimeOffset now) => incident.State switch
    {
        Acknowledged => (null, $"{incident.AcknowledgedBy} was first, at {incident.AcknowledgedAt:yyyy-MM-ddTHH:mm:ssZ}"),
        Resolved => (null, "it is resolved"),
        _ => (Add(incident with { State = Acknowledged, AcknowledgedBy = who, AcknowledgedAt = now }, now, Said("acknowledged", note), who), null),
    };

    /// <param name="stands">Whether its condition still stands.</param>
    public static (Incident? Next, string? Refusal) Resolve(Incident incident, IncidentAct act, string who, bool stands, DateTimeOffset now)
    {
        if (incident.State == Resolved)
        {
            return (null, "it is resolved");
        }

        if (incident.Rule == AlertRule.AedTaken)
        {
            if (stands)
            {
                return (null, "the AED is not back in its cabinet");
            }

            if (act is not { Checked: true, PadsExpire: not null, BatteryExpires: not null })
            {
                return (null, "the AED must be checked and its new dates entered: give checked (true), padsExpire and batteryExpires");
            }

            incident = Add(incident, now, $"checked; pads expire {act.PadsExpire:yyyy-MM-dd}, battery {act.BatteryExpires:yyyy-MM-dd}", who);
        }

        return (Add(incident with { State = Resolved }, now, Said("resolved", act.Note), who), null);
    }

    private static string Said(string what, string? note) => string.IsNullOrWhiteSpace(note) ? what : $"{what}: {note.Trim()}";

    private static Incident Add(Incident incident, DateTimeOffset at, string what, string? who) =>
        incident with { Timeline = [.. incident.Timeline, new TimelineEntry(at, what, who)] };
}
