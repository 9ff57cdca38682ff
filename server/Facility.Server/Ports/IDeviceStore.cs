using Facility.Domain.Devices;

namespace Facility.Server.Ports;

/// <summary>A device as people know it.</summary>
/// <param name="Name">What people call it; null where nobody named it.</param>
/// <param name="RevokedAt">Nothing of it is taken from then on, until it joins again.</param>
public sealed record KeptDevice(string Device, string Site, string? Name = null, DateTimeOffset? RevokedAt = null);

/// <summary>Claims, certificates and names of devices: on disk when a method that changes them returns.</summary>
public interface IDeviceStore
{
    /// <summary>Of the last <paramref name="since"/>, the newest first.</summary>
    IReadOnlyList<DeviceClaim> Claims(DateTimeOffset since);

    DeviceClaim? FindClaim(string hash);

    void Save(DeviceClaim claim);

    IReadOnlyList<DeviceCertificate> Certificates();

    IReadOnlyList<KeptDevice> Devices();

    /// <summary>All of it or nothing.</summary>
    void Save(IReadOnlyCollection<DeviceCertificate> certificates, KeptDevice? device = null, DeviceClaim? claim = null);
}
