namespace Facility.Contracts.Rest;

/// <summary>How busy a site is now; also pushed by the hub. <paramref name="Version"/> rises with every change, also over a restart.</summary>
public sealed record SiteOccupancy(string Site, DateTimeOffset At, long Version, IReadOnlyList<ZoneOccupancy> Zones);

/// <summary>How many people are in a zone.</summary>
/// <param name="Estimate">Persons, the median; null in a private zone, and where nothing is known.</param>
/// <param name="Low">The lower end of the 90% interval.</param>
/// <param name="High">The upper end of the 90% interval.</param>
/// <param name="Presence">Whether someone is there; null where nothing tells.</param>
/// <param name="Stale">Whether a device that this figure rests on is not heard.</param>
public sealed record ZoneOccupancy(string Zone, int? Estimate, int? Low, int? High, int? Capacity, bool? Presence, bool Stale);

/// <summary>Occupancy over time; <paramref name="Basis"/> is <c>live</c> or <c>reconciled</c>.</summary>
public sealed record OccupancyHistory(string Basis, IReadOnlyList<OccupancyPoint> Points);

/// <summary>One interval that starts at <paramref name="At"/>: the mean weighted by time, the highest estimate, and the widest interval.</summary>
public sealed record OccupancyPoint(DateTimeOffset At, double Mean, int Max, int Low, int High);

/// <summary>Passages per portal over time.</summary>
public sealed record PassageHistory(IReadOnlyList<PassagePoint> Points);

/// <summary>
/// Persons through a portal in one interval that starts at <paramref name="At"/>. In is into the portal's second zone;
/// at a door to outside it is always into the building.
/// </summary>
public sealed record PassagePoint(DateTimeOffset At, string Portal, int In, int Out);

/// <summary>How crowded a site is by weekday and hour.</summary>
public sealed record Crowding(IReadOnlyList<CrowdingCell> Cells);

/// <summary>One hour of the week in local time.</summary>
/// <param name="Weekday">1 is Monday.</param>
/// <param name="Mean">Persons, weighted by time.</param>
/// <param name="P95">Persons that were there or fewer for 95% of the time.</param>
/// <param name="Above80">Share of the time above 80% of capacity, 0..1.</param>
/// <param name="Above100">Share of the time above capacity, 0..1.</param>
public sealed record CrowdingCell(int Weekday, int Hour, double Mean, double P95, double Above80, double Above100);

/// <summary><c>POST /v1/sites/{site}/counts</c>: how many people someone counted in a zone, or in the whole <c>site</c>.</summary>
public sealed record PersonsCount(string Zone, int People);
