namespace Facility.Contracts.Rest;

/// <summary>How much each room was used, by part of the day, over the hours that the site was open (all hours where those are not known).</summary>
public sealed record RoomUse(IReadOnlyList<UseRow> Rows);

/// <summary>One room in one part of the day. Shares are of <paramref name="Hours"/>, 0..1; a quarter of an hour counts as a whole.</summary>
/// <param name="Part"><c>night</c> (00-06), <c>morning</c> (06-12), <c>afternoon</c> (12-18), <c>evening</c> (18-24) or <c>all</c>, local time.</param>
/// <param name="Hours">Open hours of which something is known.</param>
/// <param name="InUse">Share in which there was half a person or more on average.</param>
/// <param name="InUseLow">The share in which even the lower end of the interval was someone.</param>
/// <param name="InUseHigh">The share in which the upper end was.</param>
/// <param name="Mean">Persons; this and all below are null in a private room.</param>
/// <param name="Low">The mean of the lower ends.</param>
/// <param name="High">The mean of the upper ends.</param>
/// <param name="Above80">Share above 80% of capacity, by the estimate: for trends. Null where there is no capacity.</param>
/// <param name="Above80High">The same by the upper end: for alarms.</param>
public sealed record UseRow(
    string Zone, string Part, double Hours, double InUse, double InUseLow, double InUseHigh, double? Mean, double? Low, double? High,
    double? Above80, double? Above80High, double? Above100, double? Above100High);

/// <summary>Crowding of the site beside the hours that it is staffed.</summary>
public sealed record Staffing(IReadOnlyList<StaffingTotal> Totals, IReadOnlyList<StaffingCell> Cells);

/// <param name="Staffed">Hours with staff, or those without in which the site was open or someone was there.</param>
/// <param name="PersonHours">Persons × hours, with the ends of its interval.</param>
/// <param name="Above80">Share of the hours above 80% of capacity.</param>
public sealed record StaffingTotal(bool Staffed, double Hours, double PersonHours, double Low, double High, double Above80);

/// <summary>One local hour of the week.</summary>
/// <param name="Weekday">1 is Monday.</param>
/// <param name="Staffed">Share of the time that there was staff, 0..1.</param>
public sealed record StaffingCell(int Weekday, int Hour, double Staffed, double Mean, double Low, double High, double Above80);
