using System.Text.Json;

namespace Facility.Contracts.Rest;

/// <summary><c>GET /v1/configuration</c> and <c>/v1/on-call/roster-file</c>: the revision that rules, or one of its past.</summary>
/// <param name="Revision">From 1; 0 where there is none yet.</param>
/// <param name="Who">Empty where it came from a file.</param>
/// <param name="Document">A sites document, or an on-call document.</param>
/// <param name="Changes">To the revision before it; null where that was not asked for.</param>
public sealed record ConfigurationState(
    long Revision, DateTimeOffset At, string Who, string Note, JsonElement Document, IReadOnlyList<ConfigurationChange>? Changes = null);

/// <summary><c>PUT</c> of it. An older document is how a change is undone.</summary>
/// <param name="BasedOn">The revision that it was made from: where another rules by now, nothing is saved.</param>
public sealed record ConfigurationDraft(long BasedOn, JsonElement? Document, string? Note = null);

/// <summary><c>POST .../check</c>: the body.</summary>
public sealed record ConfigurationQuestion(JsonElement? Document);

/// <summary>What saving a document would mean. It can be saved when there are no problems.</summary>
public sealed record ConfigurationCheck(
    IReadOnlyList<ConfigurationProblem> Problems, IReadOnlyList<ConfigurationWarning> Warnings, IReadOnlyList<ConfigurationChange> Changes);

/// <param name="Path">JSON path, such as <c>$.sites[0].portals[1].to</c>.</param>
/// <param name="Value">What stands there; null where something is missing.</param>
/// <param name="Allowed">What is allowed there.</param>
public sealed record ConfigurationProblem(string Path, string? Value, string Allowed)
{
    public override string ToString() => Value is null ? $"{Path}: is missing; {Allowed}" : $"{Path}: {Value} is not allowed; {Allowed}";
}

/// <summary>Something allowed that a person should look at before saving it.</summary>
/// <param name="Code">One of the constants, for a page's own words.</param>
/// <param name="Path">What it is about, such as <c>sites.ratelaar.sensors.main-door</c>.</param>
public sealed record ConfigurationWarning(string Code, string Path, string Text)
{
    public const string UnknownKey = "unknown-key";
    public const string SiteGone = "site-gone";
    public const string ZoneGone = "zone-gone";
    public const string SensorGone = "sensor-gone";
    public const string DeviceGone = "device-gone";
    public const string NoLongerPrivate = "no-longer-private";
    public const string NoOuterDoor = "no-outer-door";
    public const string RuleOff = "rule-off";
}

/// <summary>One difference between two documents.</summary>
/// <param name="Path">Where, by ids: <c>sites.ratelaar.zones.hall.capacity</c>.</param>
/// <param name="Before">Null for what is added.</param>
/// <param name="After">Null for what is taken away.</param>
public sealed record ConfigurationChange(string Path, string? Before, string? After)
{
    /// <summary>In plain English.</summary>
    public string Text => (Before, After) switch
    {
        (null, _) => $"{Path} is added: {After}",
        (_, null) => $"{Path} is taken away; it was {Before}",
        _ => $"{Path} was {Before} and becomes {After}",
    };
}

/// <summary><c>GET .../revisions</c>, the newest first.</summary>
public sealed record RevisionList(IReadOnlyList<RevisionLine> Revisions);

public sealed record RevisionLine(long Revision, DateTimeOffset At, string Who, string Note);
