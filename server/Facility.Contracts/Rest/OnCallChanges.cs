namespace Facility.Contracts.Rest;

/// <summary><c>GET /v1/on-call/rosters</c>: the rosters, who is in them, and the drill.</summary>
/// <param name="TimeZone">IANA name, of the rosters' days and hours.</param>
/// <param name="DrillAt">When the last drill was; null where there is none.</param>
/// <param name="Me">Which of the people asks; null where that is not known.</param>
public sealed record RosterList(string TimeZone, IReadOnlyList<RosterLine> Rosters, IReadOnlyList<RosterPerson> People, DateTimeOffset? DrillAt, string? Me);

public sealed record RosterLine(string Id, string Name);

/// <param name="Confirmed">Whether the person said at the last drill that they can be reached; null where there is no drill.</param>
public sealed record RosterPerson(string Id, string Name, bool? Confirmed);

/// <summary><c>GET /v1/on-call/rosters/{roster}</c> as JSON: who is on call when, in order, gaps included.</summary>
public sealed record RosterDuties(string Roster, IReadOnlyList<RosterDuty> Duties);

/// <param name="Person">Null in a gap.</param>
public sealed record RosterDuty(string? Person, DateTimeOffset From, DateTimeOffset Until);

/// <summary><c>POST /v1/on-call/swaps</c>: two people take each other's turn.</summary>
public sealed record TurnSwap(string Roster, TurnOf? First, TurnOf? Second);

/// <summary>The turn of a person that holds an instant; of one that goes on, its rest.</summary>
public sealed record TurnOf(string Person, DateTimeOffset At);

/// <summary><c>POST /v1/on-call/overrides</c>: a person takes the time from one instant to another, whoever's turn it was.</summary>
public sealed record TurnTaken(string Roster, string Person, DateTimeOffset From, DateTimeOffset Until);

/// <summary><c>GET</c> and <c>PUT /v1/channels</c>: how a person is reached, the first first.</summary>
/// <param name="Person">Id in the on-call file; of a PUT it says whose, and may be left out for one's own.</param>
public sealed record OwnChannels(string? Person, IReadOnlyList<OnCall.ChannelAddress> Channels, IReadOnlyList<string>? Kinds = null);

/// <summary><c>POST /v1/channels/test</c>: a message that says it is a test.</summary>
/// <param name="Kind">Of the channel.</param>
/// <param name="Address">Which one of that kind; null for the first.</param>
/// <param name="Person">Null for one's own.</param>
public sealed record ChannelTest(string Kind, string? Address = null, string? Person = null);

/// <param name="Outcome"><c>sent</c>, <c>failed</c> or <c>refused</c>.</param>
/// <param name="Detail">The provider's own words.</param>
public sealed record ChannelTestAnswer(string Outcome, string Detail);
