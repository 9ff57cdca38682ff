using Facility.Contracts.Live;
using Facility.Domain.Access;

namespace Facility.Server.Api.Access;

/// <summary>Who may call and hear what on the live hub. What somebody has no right to is not sent; sites of others are not there.</summary>
internal static class LiveRights
{
    /// <summary>Zones that are private: left out of what others hear.</summary>
    public const Right PrivateZones = Right.SeeOccupancy;
    public const Right Incidents = Right.SeeIncidents;
    public const Right Devices = Right.SeeDevices;

    /// <summary>Each method that a client may call.</summary>
    public static IReadOnlyDictionary<string, Right> Methods { get; } = new Dictionary<string, Right> { [LiveHub.Watch] = Right.SeePublicOccupancy };

    /// <summary>Each event that a client may be sent.</summary>
    public static IReadOnlyDictionary<string, (Right Right, string Part)> Events { get; } = new Dictionary<string, (Right, string)>
    {
        [LiveHub.Snapshot] = (Right.SeePublicOccupancy, "of it only what the events below would tell"),
        [LiveHub.Occupancy] = (Right.SeePublicOccupancy, "private zones only to who has `see-occupancy`"),
        [LiveHub.Incident] = (Incidents, "and those of the server itself to all who have the right"),
        [LiveHub.DeviceStatus] = (Devices, ""),
    };
}
