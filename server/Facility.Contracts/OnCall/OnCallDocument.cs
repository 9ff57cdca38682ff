namespace Facility.Contracts.OnCall;

/// <summary>Who is woken, when, and how: the on-call file. Its schema is <c>seeds/on-call.schema.json</c>.</summary>
/// <param name="TimeZone">IANA name of the zone that all local times are in.</param>
/// <param name="QuietHours">Messages that are not urgent wait while it is night: <c>22:00-07:00</c>; null for never.</param>
/// <param name="Administrators">Ids of the people who hear of gaps in a roster and of people who cannot be reached.</param>
/// <param name="Drill">When each person is asked whether they can be reached: <c>monday 10:00</c>; null for never.</param>
public sealed record OnCallDocument(
    IReadOnlyList<OnCallPerson> People,
    IReadOnlyList<Roster> Rosters,
    IReadOnlyList<EscalationPolicy> Policies,
    string TimeZone = "Europe/Amsterdam",
    string? QuietHours = null,
    IReadOnlyList<string>? Administrators = null,
    string? Drill = null);

/// <param name="Language">nl or en.</param>
/// <param name="Channels">The first that takes a message has it; the next is tried when one fails.</param>
/// <param name="Account">The name that the person signs in with; without it, the name itself.</param>
public sealed record OnCallPerson(string Id, string Name, IReadOnlyList<ChannelAddress> Channels, string Language = "nl", string? Account = null);

/// <param name="Kind">email, push, ntfy, webhook or mqtt.</param>
public sealed record ChannelAddress(string Kind, string Address);

/// <summary>Who is on call when. An override rules over an absence, an absence over a rotation, a later one over an earlier one.</summary>
/// <param name="Overrides">Swaps too: a swap is two of them.</param>
/// <param name="Absences">Holidays of a person: the rotation leaves a gap there, until someone takes it over.</param>
public sealed record Roster(
    string Id, string Name, IReadOnlyList<Rotation> Rotations, IReadOnlyList<Shift>? Overrides = null, IReadOnlyList<Shift>? Absences = null);

/// <summary>People who take turns.</summary>
/// <param name="From">The first day.</param>
/// <param name="HandOver">Local time at which a turn begins, <c>09:00</c>.</param>
/// <param name="Days">Length of a turn.</param>
/// <param name="People">In their order, from the first day on.</param>
/// <param name="Until">The day whose hand-over ends it; null for never.</param>
public sealed record Rotation(DateOnly From, IReadOnlyList<string> People, int Days = 7, string HandOver = "09:00", DateOnly? Until = null);

/// <summary>One person from one local time to another.</summary>
public sealed record Shift(string Person, DateTime From, DateTime Until);

/// <summary>Who hears of incidents, in which order. The first policy that fits rules.</summary>
/// <param name="Severity">urgent or normal.</param>
/// <param name="Sites">Null for all.</param>
/// <param name="Repeat">Minutes from one call of everybody to the next, after the last step.</param>
/// <param name="Bundle">Of normal incidents: minutes that they wait for others, to be told together.</param>
public sealed record EscalationPolicy(
    string Severity, IReadOnlyList<EscalationStep> Steps, IReadOnlyList<string>? Sites = null, int Repeat = 10, int Bundle = 15);

/// <param name="Notify"><c>person:anna</c>, <c>roster:piket</c> or <c>everybody</c>.</param>
/// <param name="After">Minutes that they have to acknowledge, before the next step begins.</param>
public sealed record EscalationStep(IReadOnlyList<string> Notify, int After = 5);
