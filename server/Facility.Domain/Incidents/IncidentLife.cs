using System.Globalization;
using Facility.Contracts.Rest;
using Facility.Domain.Alerts;
using Facility.Domain.Ingestion;

namespace Facility.Domain.Incidents;

/// <summary>The life of an incident: open, acknowledged, resolved. Its timeline only grows.</summary>
public static class IncidentLife
{
    public const string Open = "open";
    public const string Acknowledged = "acknowledged";
    public const string Resolved = "resolved";

    /// <summary>A timeline holds so many repeats; further ones say nothing new.</summary>
    private const int MostRepeats = 500;

    /// <summary>And so many notes and ticks; what changes its state always finds room.</summary>
    private const int MostRemarks = 1000;

    /// <summary>The same decision gives the same incident, so that a journal followed again opens none twice.</summary>
    public static Incident Begin(in Decision d)
    {
        var c = d.Condition;
        return Add(
            new Incident(
                $"{c.Site}.{c.Rule}.{c.Cause}.{c.At.ToUnixTimeMilliseconds()}", c.Site, c.Zone, c.Rule, d.Urgent ? "urgent" : "normal",
                d.Verdict == Verdict.History ? Resolved : Open, c.At, null, [], Cause: c.Cause, OpenSince: d.At),
            d.At, d.Reason, c.Who);
    }

    public static Incident Hear(Incident incident, in Decision d) =>
        d.Verdict == Verdict.Over && AlertRule.All[incident.Rule].ClearsItself
            ? Add(incident with { State = Resolved }, d.At, d.Reason)
            : incident.Timeline.Count < MostRepeats ? Add(incident, d.At, d.Reason) : incident;

    /// <summary>The reminder, where its acknowledgement has lapsed; null when it has not.</summary>
    public static Incident? Lapsed(Incident incident, TimeSpan lapse, DateTimeOffset now) =>
        incident.State == Acknowledged && incident.AcknowledgedAt + lapse is { } at && now >= at
            ? Add(incident with { State = Open, AcknowledgedBy = null, AcknowledgedAt = null, OpenSince = at }, at, new Saying("lapsed"))
            : null;

    /// <summary>Who was told, or could not be; the incident itself where its timeline is full of that.</summary>
    public static Incident Told(Incident incident, Saying what, DateTimeOffset now) =>
        incident.Timeline.Count < MostRepeats ? Add(incident, now, what) : incident;

    /// <summary>A person's act: either the incident as it is then, or why not.</summary>
    /// <param name="stands">Whether its condition still stands.</param>
    public static (Incident? Next, string? Refusal) Do(Incident incident, PersonActed act, bool stands, DateTimeOffset now) => act.Act switch
    {
        PersonActed.Acknowledgement => Acknowledge(incident, act, now),
        PersonActed.Resolution => Resolve(incident, act, stands, now),
        _ when incident.Timeline.Count >= MostRemarks => (null, $"its timeline is full: {MostRemarks} lines"),
        PersonActed.Remark => act.Note is null
            ? (null, "the note is empty")
            : (Add(incident, now, new Saying("note"), act.Who, act.Note), null),
        PersonActed.Tick => Tick(incident, act, now),
        _ => (null, $"{act.Act} is not known"),
    };

    private static (Incident? Next, string? Refusal) Acknowledge(Incident incident, PersonActed act, DateTimeOffset now) => incident.State switch
    {
        Acknowledged => (null, $"{incident.AcknowledgedBy} was first, at {incident.AcknowledgedAt:yyyy-MM-ddTHH:mm:ssZ}"),
        Resolved => (null, "it is resolved"),
        _ => (Add(incident with { State = Acknowledged, AcknowledgedBy = act.Who, AcknowledgedAt = now }, now, new Saying("acknowledged"), act.Who, act.Note), null),
    };

    private static (Incident? Next, string? Refusal) Resolve(Incident incident, PersonActed act, bool stands, DateTimeOffset now)
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

            if (act is not { Checked: true, PadsExpire: { } pads, BatteryExpires: { } battery })
            {
                return (null, "the AED must be checked and its new dates entered: give checked (true), padsExpire and batteryExpires");
            }

            var today = DateOnly.FromDateTime(now.UtcDateTime);
            if (pads < today || battery < today)
            {
                return (null, "a date that has passed is not a new one: replace the part and give its date as padsExpire or batteryExpires");
            }

            incident = Add(incident, now, new Saying("checked", Day(pads), Day(battery)), act.Who);
        }

        return (Add(incident with { State = Resolved }, now, new Saying("resolved"), act.Who, act.Note), null);
    }

    private static (Incident? Next, string? Refusal) Tick(Incident incident, PersonActed act, DateTimeOffset now)
    {
        var steps = AlertRule.All[incident.Rule].Playbook.StepsEn.Count;
        if (act.Step < 1 || act.Step > steps)
        {
            return (null, $"its playbook has steps 1 to {steps}");
        }

        var others = (incident.Ticks ?? []).Where(t => t.Step != act.Step).ToArray();
        if (others.Length == (incident.Ticks?.Count ?? 0) != act.Done)
        {
            return (incident, null);
        }

        var step = act.Step.ToString(CultureInfo.InvariantCulture);
        PlaybookTick[] ticks = act.Done ? [.. others.Append(new PlaybookTick(act.Step, act.Who, now)).OrderBy(t => t.Step)] : others;
        return (Add(incident with { Ticks = ticks }, now, new Saying(act.Done ? "step-done" : "step-undone", step), act.Who), null);
    }

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static Incident Add(Incident incident, DateTimeOffset at, Saying what, string? who = null, string? note = null) => incident with
    {
        Timeline = [.. incident.Timeline, new TimelineEntry(at, Sayings.Text(what.Code, what.Values, "en", note), who, what.Code, what.Values, note)],
    };
}
