using Facility.Contracts.Places;
using Facility.Contracts.Rest;

namespace Facility.Server.Ports;

/// <summary>The newest occupancy of each site, in memory. <see cref="Changed"/> names the site, on the thread of the follower: return at once.</summary>
public interface IOccupancyState
{
    SiteOccupancy? Of(string site);

    event Action<string>? Changed;
}

/// <summary>Devices as the server knows them, also those that no site lists. <see cref="Changed"/> names site and device: return at once.</summary>
public interface IDeviceDirectory
{
    IReadOnlyList<DeviceState> All();

    /// <summary>Those of some sites.</summary>
    IReadOnlyList<DeviceState> Of(IReadOnlySet<string> sites);

    /// <summary>Null for one that was never heard of.</summary>
    DeviceState? Of(string site, string device);

    event Action<string, string>? Changed;
}

/// <summary>The sites revision that rules now.</summary>
public interface ISitesDirectory
{
    SitesDocument Current { get; }
}
