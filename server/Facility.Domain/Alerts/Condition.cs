using Facility.Contracts.Rest;

namespace Facility.Domain.Alerts;

/// <summary>Something that stands, and is an incident once its rule's delay is over.</summary>
/// <param name="Cause">Unique with the rule: a sensor, device, cabinet, zone or site.</param>
/// <param name="At">When it began, by who told it.</param>
/// <param name="Received">When the server heard of it.</param>
/// <param name="Entry">The journal entry that told it; 0 where time alone did.</param>
public sealed record Condition(
    string Site, string? Zone, string Rule, string Cause, DateTimeOffset At, DateTimeOffset Received, bool TimeCertain, long Entry, Saying What,
    string? Who = null, bool Told = false)
{
    /// <summary>News older than this is history unless it still stands.</summary>
    public static readonly TimeSpan Old = TimeSpan.FromMinutes(15);

    /// <summary>Old news waits so long for the rest of a device's backlog, which may say that it is over.</summary>
    public static readonly TimeSpan Settle = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan OldButton = TimeSpan.FromHours(24);

    public string Key => KeyOf(Site, Rule, Cause);

    public TimeSpan Age => Received - At;

    /// <summary>Whether only its present level makes it an incident: an uncertain time, or a button of the last day, always does.</summary>
    public bool IsOld => TimeCertain && Age > (Rule == AlertRule.Assistance ? OldButton : Old);

    public static string KeyOf(string site, string rule, string cause) => $"{site}/{rule}/{cause}";

    /// <summary>When it is an incident, if it stands so long and the rule's hours hold it.</summary>
    public DateTimeOffset Due(TimeSpan delay)
    {
        var due = (TimeCertain ? At : Received) + delay;
        return IsOld ? Received + Settle : due > Received ? due : Received;
    }
}

/// <summary>A beginning or an end of a condition, for figures such as an AED's readiness.</summary>
public readonly record struct SpanEdge(string Site, string Rule, string Cause, DateTimeOffset At, bool Begins);

/// <summary>Dates that a person entered at a cabinet. They rule until the sites file says other ones than it said then.</summary>
public sealed record EnteredDates(string Site, string Cabinet, DateOnly? Pads, DateOnly? Battery, DateOnly? FilePads, DateOnly? FileBattery);

/// <summary>All that the rules remember.</summary>
/// <param name="Revised">When the sites, or dates at a cabinet, were entered last: what those say began then at the earliest.</param>
public sealed record BookState(IReadOnlyCollection<Condition> Standing, IReadOnlyCollection<EnteredDates> Dates, DateTimeOffset Revised = default)
{
    public static readonly BookState Empty = new([], []);
}
