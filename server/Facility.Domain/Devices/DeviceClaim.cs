namespace Facility.Domain.Devices;

/// <summary>That a device may join: once, within <see cref="Lasts"/>.</summary>
/// <param name="Hash">Of its code (<see cref="ClaimCode.Hash"/>); the code itself is shown once and not kept.</param>
/// <param name="By">Who made it.</param>
/// <param name="UsedAt">Null while it is open.</param>
/// <param name="UsedKey">SHA-256 of the public key that it was used with, in hexadecimal.</param>
/// <param name="Withdrawn">A newer claim for the same device took its place.</param>
public sealed record DeviceClaim(
    string Hash, string Site, string Device, string By, DateTimeOffset MadeAt, DateTimeOffset? UsedAt = null, string? UsedKey = null, bool Withdrawn = false)
{
    public static readonly TimeSpan Lasts = TimeSpan.FromMinutes(10);

    public DateTimeOffset ExpiresAt => MadeAt + Lasts;

    public bool IsOpen(DateTimeOffset now) => !Withdrawn && UsedAt is null && now < ExpiresAt;

    /// <summary>What a device that comes with this claim's code is told.</summary>
    /// <param name="key">SHA-256 of the device's public key.</param>
    /// <remarks>The same key may ask again while the claim lasts: the answer may have been lost on its way to a cellar.</remarks>
    public ClaimAnswer Answer(string key, DateTimeOffset now) =>
        now >= ExpiresAt || Withdrawn ? ClaimAnswer.Over
        : UsedAt is null ? ClaimAnswer.Join
        : UsedKey == key ? ClaimAnswer.SayAgain
        : ClaimAnswer.Used;
}

public enum ClaimAnswer
{
    Join,

    /// <summary>The device has joined with this key already: it gets the same certificate.</summary>
    SayAgain,
    Used,
    Over,
}
