namespace Facility.Contracts.Rest;

/// <summary>Visits by the site's own calendar: persons in through its doors to outside. Doors of private rooms do not count, since a sum would tell theirs.</summary>
/// <param name="Per"><c>day</c>, <c>week</c> (from Monday) or <c>month</c>.</param>
public sealed record VisitHistory(string Per, DoorBasis Basis, IReadOnlyList<VisitPoint> Points);

/// <param name="From">The first local day.</param>
/// <param name="Visits">Persons in, as counted.</param>
/// <param name="Low">The lower end of the 90% interval.</param>
/// <param name="High">The upper end.</param>
/// <param name="Out">Persons out, as counted.</param>
/// <param name="Days">Days on which someone was counted.</param>
/// <param name="Partial">Not all of the days lie within what was asked for, or in the past.</param>
public sealed record VisitPoint(DateOnly From, int Visits, int Low, int High, int Out, int Days, bool Partial);

/// <summary>What the interval of visits rests on.</summary>
/// <param name="Kind"><c>imbalance</c>: how in and out differed, day by day, at these doors; <c>assumed</c>: too few days for that, so 5%.</param>
/// <param name="Days">Days it was learned from.</param>
/// <param name="Share">How much more in than out, of all passages, -1..1: the door's drift. What both directions miss alike cannot be seen from it.</param>
public sealed record DoorBasis(string Kind, int Days, double Share)
{
    public const string Imbalance = "imbalance";
    public const string Assumed = "assumed";
}
