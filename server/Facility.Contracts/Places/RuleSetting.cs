namespace Facility.Contracts.Places;

/// <summary>How an alert rule differs from what it is everywhere; what is null does not.</summary>
/// <param name="Rule">Its id, such as <c>crowded</c>; <c>GET /v1/playbooks</c> lists them.</param>
/// <param name="Zone">For this zone alone.</param>
/// <param name="On">False: it makes no incidents.</param>
/// <param name="Limit">In the rule's own unit: percent of people, percent of disk, days, minutes or seconds.</param>
/// <param name="Hysteresis">So far back from the limit it is over, in the same unit; of <c>aed-temperature</c> degrees Celsius.</param>
/// <param name="DelaySeconds">It must stand so long before it is an incident.</param>
/// <param name="LapseMinutes">An acknowledgement holds so long.</param>
/// <param name="When">always, open or closed: by the site's opening hours.</param>
/// <param name="Hours">Only within these hours of the week, by the site's local time.</param>
public sealed record RuleSetting(
    string Rule,
    string? Zone = null,
    bool? On = null,
    double? Limit = null,
    double? Hysteresis = null,
    int? DelaySeconds = null,
    bool? Urgent = null,
    int? LapseMinutes = null,
    string? When = null,
    IReadOnlyDictionary<string, IReadOnlyList<string>>? Hours = null);

/// <summary>Between which degrees Celsius a model of AED works.</summary>
public sealed record AedModel(string Id, double MinCelsius, double MaxCelsius);
