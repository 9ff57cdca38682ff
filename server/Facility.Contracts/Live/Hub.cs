using Facility.Contracts.Rest;

namespace Facility.Contracts.Live;

/// <summary>Names of the live hub (contract, section 5).</summary>
public static class LiveHub
{
    public const string Path = "/hubs/live";
    public const string Watch = "Watch";
    public const string Snapshot = "Snapshot";
    public const string Occupancy = "Occupancy";
    public const string DeviceStatus = "DeviceStatus";
    public const string Incident = "Incident";
}

/// <summary>The whole state of the watched sites, sent once after <c>Watch</c>; changes follow.</summary>
public sealed record Snapshot(
    IReadOnlyList<SiteOccupancy> Occupancy, IReadOnlyList<Incident> Incidents, IReadOnlyList<DeviceState> Devices, long IncidentVersion = 0);
