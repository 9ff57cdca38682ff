using Facility.Contracts.Rest;
using Facility.Server.Pipeline;
using Facility.Server.Ports;

namespace Facility.Server.Devices;

/// <summary>The devices with their names, and whether and by which certificate they are let in.</summary>
public sealed class NamedDevices : IDeviceDirectory
{
    private readonly DoorFaults _devices;
    private readonly DeviceRegister _register;

    public NamedDevices(DoorFaults devices, DeviceRegister register)
    {
        (_devices, _register) = (devices, register);
        _devices.Changed += (site, device) => Changed?.Invoke(site, device);
        _register.Changed += (site, device) => Changed?.Invoke(site, device);
    }

    public event Action<string, string>? Changed;

    public IReadOnlyList<DeviceState> All() => [.. _devices.All().Select(Named)];

    public IReadOnlyList<DeviceState> Of(IReadOnlySet<string> sites) => [.. _devices.Of(sites).Select(Named)];

    public DeviceState? Of(string site, string device) => _devices.Of(site, device) is { } state ? Named(state) : null;

    private DeviceState Named(DeviceState device)
    {
        var (kept, certificate) = (_register.Find(device.Device), _register.CertificateOf(device.Device));
        return kept is null && certificate is null ? device : device with
        {
            Name = kept?.Name,
            RevokedAt = kept?.RevokedAt,
            Identity = certificate is { RevokedAt: null } ? new DeviceIdentity(certificate.Serial, certificate.From, certificate.Until, certificate.InUseAt is not null) : null,
        };
    }
}
