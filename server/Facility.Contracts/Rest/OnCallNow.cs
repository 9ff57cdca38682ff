namespace Facility.Contracts.Rest;

/// <summary><c>GET /v1/on-call</c>: who is called for an incident of a site, step by step.</summary>
/// <param name="Gaps">When nobody is on call in a roster of the policy, within a week.</param>
public sealed record OnCallNow(string Site, string Severity, DateTimeOffset At, int Repeat, IReadOnlyList<OnCallStep> Steps, IReadOnlyList<OnCallGap> Gaps);

/// <param name="After">Minutes that they have to acknowledge.</param>
public sealed record OnCallStep(int Step, int After, IReadOnlyList<OnCallDuty> People);

/// <param name="Until">When another is on call; null for whoever is named without a roster.</param>
/// <param name="Confirmed">Whether the person said at the last drill that they can be reached; null before the first.</param>
public sealed record OnCallDuty(string Id, string Name, DateTimeOffset? Until, bool? Confirmed);

public sealed record OnCallGap(string Roster, DateTimeOffset From, DateTimeOffset Until);

/// <summary><c>GET /v1/incidents/{id}/deliveries</c>: who was told of an incident, and every attempt.</summary>
public sealed record DeliveryList(IReadOnlyList<DeliveryState> Deliveries);

/// <param name="State">due, sent, delivered, failed or dropped. None of them stops the calling: only a person does.</param>
public sealed record DeliveryState(string Id, int Step, string Person, string State, DateTimeOffset DueAt, IReadOnlyList<DeliveryAttempt> Attempts);

public sealed record DeliveryAttempt(DateTimeOffset At, string Channel, string Outcome, string Detail);
