using System.Collections.Frozen;
using System.Security.Cryptography;
using Facility.Domain.Devices;
using Facility.Server.Ports;

namespace Facility.Server.Devices;

/// <summary>Why a device may not; the message says what to do.</summary>
/// <param name="wait">Ask again after this long.</param>
public sealed class DeviceRefusedException(string message, TimeSpan? wait = null) : Exception(message)
{
    public TimeSpan? Wait => wait;
}

/// <summary>Who the devices are: claims, certificates, names, and who is revoked. What it answers is on disk.</summary>
public sealed class DeviceRegister
{
    private readonly IDeviceStore store;
    private readonly IDeviceAuthority authority;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly Attempts attempts = new();
    private readonly Dictionary<string, DeviceCertificate> certificates;
    private readonly Dictionary<string, KeptDevice> devices;
    private FrozenSet<string> joined = [];
    private FrozenSet<string> revoked = [];

    public DeviceRegister(IDeviceStore store, IDeviceAuthority authority, TimeProvider time)
    {
        (this.store, this.authority, this.time) = (store, authority, time);
        certificates = store.Certificates().ToDictionary(c => c.Serial);
        devices = store.Devices().ToDictionary(d => d.Device);
        DeviceCertificate[] found = [.. authority.Known().Where(c => !certificates.ContainsKey(c.Serial))];
        if (found.Length > 0)
        {
            Keep(found);
        }

        Look();
    }

    /// <summary>A device was named, joined, renewed or revoked: its site and id.</summary>
    public event Action<string, string>? Changed;

    public IReadOnlyList<DeviceCertificate> Revoked
    {
        get
        {
            lock (gate)
            {
                return [.. certificates.Values.Where(c => c.RevokedAt is not null && c.Until > time.GetUtcNow())];
            }
        }
    }

    /// <summary>Whether it has a certificate: then nobody speaks for it without.</summary>
    public bool HasJoined(string device) => joined.Contains(device);

    /// <summary>Whether nothing of it is to be taken.</summary>
    public bool IsRevoked(string device) => revoked.Contains(device);

    public bool IsRevokedSerial(string serial)
    {
        lock (gate)
        {
            return certificates.TryGetValue(serial, out var known) && known.RevokedAt is not null;
        }
    }

    public KeptDevice? Find(string device)
    {
        lock (gate)
        {
            return devices.GetValueOrDefault(device);
        }
    }

    /// <summary>The newest certificate of a device that is not revoked; else its newest.</summary>
    public DeviceCertificate? CertificateOf(string device)
    {
        lock (gate)
        {
            return certificates.Values.Where(c => c.Device == device).OrderByDescending(c => c.RevokedAt is null).ThenByDescending(c => c.From).FirstOrDefault();
        }
    }

    public IReadOnlyList<DeviceClaim> Claims() => store.Claims(time.GetUtcNow() - TimeSpan.FromDays(1));

    /// <summary>Lets a device join, once. An older claim for it that is still open ends.</summary>
    /// <returns>The code, which is told this once, and its claim.</returns>
    public (string Code, DeviceClaim Claim) Claim(string site, string device, string by)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            foreach (var older in store.Claims(now - DeviceClaim.Lasts).Where(c => c.Device == device && c.IsOpen(now)))
            {
                store.Save(older with { Withdrawn = true });
            }

            var code = ClaimCode.Of(RandomNumberGenerator.GetBytes(ClaimCode.Characters));
            var claim = new DeviceClaim(ClaimCode.Hash(code), site, device, by, now);
            store.Save(claim);
            return (code, claim);
        }
    }

    /// <summary>A device comes with a code: it gets the certificate of its claim.</summary>
    /// <param name="address">From where: guesses are counted by it.</param>
    /// <exception cref="DeviceRefusedException">The code is none, used or over, or there were too many guesses.</exception>
    /// <exception cref="FormatException">The request is not right; the code is still good.</exception>
    public DeviceCertificate Join(string? typed, string request, string address)
    {
        DeviceCertificate made;
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (attempts.Wait(address, now) is { } wait)
            {
                throw new DeviceRefusedException("too many codes that are none: wait before the next", wait);
            }

            if (ClaimCode.Read(typed) is not { } code || store.FindClaim(ClaimCode.Hash(code)) is not { } claim)
            {
                attempts.Failed(address, now);
                throw new DeviceRefusedException($"there is no such code; it is {ClaimCode.Form}");
            }

            made = authority.Sign(request, claim.Site, claim.Device, now);
            switch (claim.Answer(made.Key, now))
            {
                case ClaimAnswer.SayAgain when certificates.Values.FirstOrDefault(c => c.Key == made.Key && c.RevokedAt is null) is { } before:
                    return before;
                case ClaimAnswer.Join:
                    Keep(
                        [.. NotUsed(claim.Device, now), made],
                        (devices.GetValueOrDefault(claim.Device) ?? new KeptDevice(claim.Device, claim.Site)) with { Site = claim.Site, RevokedAt = null },
                        claim with { UsedAt = now, UsedKey = made.Key });
                    break;
                case ClaimAnswer.Over:
                    attempts.Failed(address, now);
                    throw new DeviceRefusedException("this code is over: a code is good for ten minutes; have a new one made");
                default:
                    attempts.Failed(address, now);
                    throw new DeviceRefusedException("this code was used: a code works once; have a new one made. If no device of yours used it, revoke the device");
            }
        }

        Changed?.Invoke(made.Site, made.Device);
        return made;
    }

    /// <summary>A newer certificate for the key of the request; the older one stays good until the newer one is in use.</summary>
    /// <param name="present">The certificate that proved the request.</param>
    /// <exception cref="FormatException">The request is not right.</exception>
    /// <exception cref="DeviceRefusedException">It is too early.</exception>
    public DeviceCertificate Renew(DeviceCertificate present, string request)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            if (!present.MayRenew(now))
            {
                throw new DeviceRefusedException($"certificate {present.Serial} is too young for a newer one, or over");
            }

            var made = authority.Sign(request, present.Site, present.Device, now);
            if (certificates.Values.FirstOrDefault(c => c.Key == made.Key && c.Device == made.Device && c.IsGood(now)) is { } before)
            {
                return before;
            }

            Keep([.. NotUsed(present.Device, now).Where(c => c.Serial != present.Serial), made]);
            return made;
        }
    }

    /// <summary>A good certificate, by its serial number.</summary>
    public DeviceCertificate? Good(string serial)
    {
        lock (gate)
        {
            return certificates.TryGetValue(serial, out var found) && found.IsGood(time.GetUtcNow()) ? found : null;
        }
    }

    /// <summary>The device uses this certificate: its others end.</summary>
    /// <returns>Whether that changed anything.</returns>
    public bool InUse(DeviceCertificate certificate)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            DeviceCertificate[] others = [.. certificates.Values.Where(c => c.Device == certificate.Device && c.Serial != certificate.Serial && c.IsGood(now) && c.From <= certificate.From)
                .Select(c => c with { RevokedAt = now, Reason = DeviceCertificate.Superseded })];
            if (certificate.InUseAt is not null && others.Length == 0)
            {
                return false;
            }

            Keep([.. others, certificate with { InUseAt = certificate.InUseAt ?? now }]);
        }

        Changed?.Invoke(certificate.Site, certificate.Device);
        return true;
    }

    public KeptDevice Rename(string site, string device, string? name)
    {
        KeptDevice kept;
        lock (gate)
        {
            kept = (devices.GetValueOrDefault(device) ?? new KeptDevice(device, site)) with { Name = name };
            Keep([], kept);
        }

        Changed?.Invoke(kept.Site, device);
        return kept;
    }

    /// <summary>Nothing of this device is taken any more: its certificates end, and its open claim.</summary>
    public KeptDevice Revoke(string site, string device)
    {
        KeptDevice kept;
        lock (gate)
        {
            var now = time.GetUtcNow();
            foreach (var open in store.Claims(now - DeviceClaim.Lasts).Where(c => c.Device == device && c.IsOpen(now)))
            {
                store.Save(open with { Withdrawn = true });
            }

            kept = devices.GetValueOrDefault(device) ?? new KeptDevice(device, site);
            kept = kept with { RevokedAt = kept.RevokedAt ?? now };
            Keep([.. certificates.Values.Where(c => c.Device == device && c.RevokedAt is null).Select(c => c with { RevokedAt = now, Reason = DeviceCertificate.Lost })], kept);
        }

        Changed?.Invoke(kept.Site, device);
        return kept;
    }

    // Made and never used: whoever asked for them has lost them.
    private IEnumerable<DeviceCertificate> NotUsed(string device, DateTimeOffset now) => certificates.Values
        .Where(c => c.Device == device && c.InUseAt is null && c.IsGood(now)).Select(c => c with { RevokedAt = now, Reason = DeviceCertificate.Superseded });

    private void Keep(IReadOnlyCollection<DeviceCertificate> changed, KeptDevice? device = null, DeviceClaim? claim = null)
    {
        store.Save(changed, device, claim);
        foreach (var certificate in changed)
        {
            certificates[certificate.Serial] = certificate;
        }

        if (device is not null)
        {
            devices[device.Device] = device;
        }

        Look();
    }

    // For those who ask at every message, without the lock.
    private void Look()
    {
        joined = certificates.Values.Where(c => c.RevokedAt is null).Select(c => c.Device).Concat(devices.Values.Where(d => d.RevokedAt is not null).Select(d => d.Device)).ToFrozenSet();
        revoked = devices.Values.Where(d => d.RevokedAt is not null).Select(d => d.Device).ToFrozenSet();
    }
}
