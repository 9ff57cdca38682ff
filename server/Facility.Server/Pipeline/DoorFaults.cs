using Facility.Contracts.Rest;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>The devices with how their doors count, and among their faults those that have come to count worse in one direction.</summary>
public sealed class DoorFaults : IDeviceDirectory
{
    private readonly DeviceDirectory _devices;
    private readonly OccupancyBoard _board;

    public DoorFaults(DeviceDirectory devices, OccupancyBoard board)
    {
        (_devices, _board) = (devices, board);
        _devices.Changed += (site, device) => Changed?.Invoke(site, device);
        _board.DoorsChanged += (site, device) => Changed?.Invoke(site, device);
    }

    public event Action<string, string>? Changed;

    public IReadOnlyList<DeviceState> All() => [.. _devices.All().Select(WithDoors)];

    public IReadOnlyList<DeviceState> Of(IReadOnlySet<string> sites) => [.. _devices.Of(sites).Select(WithDoors)];

    public DeviceState? Of(string site, string device) => _devices.Of(site, device) is { } state ? WithDoors(state) : null;

    private DeviceState WithDoors(DeviceState device)
    {
        var doors = _board.Doors(device.Site, device.Device);
        var worse = doors.Where(d => d.Worse != 0).Select(d => d.Sensor).ToArray();
        return doors.Count == 0 ? device : device with { Doors = doors, Faults = worse.Length == 0 ? device.Faults : [.. (device.Faults ?? []).Union(worse)] };
    }
}
