namespace Facility.Domain.Devices;

/// <summary>A certificate that the server made for a device, or found.</summary>
/// <param name="Serial">Its serial number in hexadecimal, capitals.</param>
/// <param name="Key">SHA-256 of its public key, in hexadecimal.</param>
/// <param name="InUseAt">When the device first said that it uses it.</param>
/// <param name="Reason">Why it was revoked: <see cref="Lost"/> or <see cref="Superseded"/>.</param>
public sealed record DeviceCertificate(
    string Serial, string Site, string Device, string Pem, string Key, DateTimeOffset From, DateTimeOffset Until,
    DateTimeOffset? InUseAt = null, DateTimeOffset? RevokedAt = null, string? Reason = null)
{
    /// <summary>A person took it away: the device is gone, stolen, or not to be trusted.</summary>
    public const string Lost = "lost";

    /// <summary>The device uses a newer one.</summary>
    public const string Superseded = "superseded";

    public bool IsGood(DateTimeOffset now) => RevokedAt is null && now < Until;

    /// <summary>Whether a device may have a newer one: in the second half of its life. The device asks when a third is left, by its own clock.</summary>
    public bool MayRenew(DateTimeOffset now) => IsGood(now) && now >= From + ((Until - From) / 2);
}
