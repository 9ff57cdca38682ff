using Facility.Contracts.Rest;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>The devices with, among their faults, the doors that have come to count worse in one direction.</summary>
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

    private DeviceState WithDoors(DeviceState device) => _board.WorseDoors(device.Site, device.Device) is { Count: > 0 } worse
        ? device with { Faults = [.. (device.Faults ?? []).Union(worse)] }
        : device;
}
