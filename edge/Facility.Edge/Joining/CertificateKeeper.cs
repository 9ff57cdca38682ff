using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;
using Microsoft.Extensions.Logging;

namespace Facility.Edge.Joining;

/// <summary>
/// Keeps the certificate of a device that joined: says at each connection that it is in use, so that older ones end, and when a third of
/// its life is left asks for a newer one, with a new key made here and a request signed by the present one.
/// </summary>
/// <remarks>
/// The new pair is on disk before the server is told that it is in use; until then the old one is good, so whatever stops this half-way,
/// the device can still come in. For a device whose certificate and key are two files, made elsewhere, it does nothing.
/// </remarks>
internal sealed class CertificateKeeper(EdgeConfig config, TimeProvider time, ILogger log) : IDisposable
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(5);
    private ECDsa? _next;
    private string? _request;
    private DateTimeOffset _askAt;

    /// <summary>There is a newer certificate on disk than the connection is by.</summary>
    public bool IsRenewed { get; private set; }

    private string? Path => config.Broker is { IsSecure: true, CertificateFile: { } file } broker && broker.KeyFile == file ? file : null;

    public void Dispose() => _next?.Dispose();

    /// <summary>A connection by the certificate on disk begins.</summary>
    /// <returns>What to say on topic <c>renewal</c>; null for nothing.</returns>
    public byte[]? Connected()
    {
        IsRenewed = false;
        return Proved(null);
    }

    /// <summary>Looks whether it is time.</summary>
    /// <returns>What to say on topic <c>renewal</c>; null for nothing.</returns>
    public byte[]? Look()
    {
        var now = time.GetUtcNow();
        if (Path is not { } path || now < _askAt)
        {
            return null;
        }

        using var present = Read(path);
        if (present is null || !IsDue(present, now))
        {
            return null;
        }

        _askAt = now + AskAgain;
        _next ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _request ??= IdentityFile.Request(_next);
        log.LogInformation("The certificate is valid until {Until:yyyy-MM-dd HH:mm}: asking for a newer one", present.NotAfter);
        return Proved(_request);
    }

    public static bool IsDue(X509Certificate2 certificate, DateTimeOffset now) =>
        certificate.NotAfter.ToUniversalTime() - now.UtcDateTime < (certificate.NotAfter - certificate.NotBefore) / 3;

    /// <summary>The server's answer. What is not for the key that waits is not taken.</summary>
    public void Take(string? pem)
    {
        if (Path is not { } path || _next is not { } key || pem is null)
        {
            return;
        }

        try
        {
            using var present = X509Certificate2.CreateFromPemFile(path, path);
            using var newer = X509Certificate2.CreateFromPem(pem);
            if (!newer.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.ExportSubjectPublicKeyInfo())
                || newer.NotAfter <= present.NotAfter || newer.Subject != present.Subject || !IsOfOurAuthority(newer))
            {
                log.LogWarning("A newer certificate came that is not for this device's key and name, or not of its authority: it is not taken");
                return;
            }

            IdentityFile.Write(path, newer.ExportCertificatePem(), key);
            log.LogInformation("A newer certificate is on disk, valid until {Until:yyyy-MM-dd HH:mm}: connecting anew with it", newer.NotAfter);
            _next.Dispose();
            (_next, _request, IsRenewed, _askAt) = (null, null, true, time.GetUtcNow() + AskAgain);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            log.LogError("The newer certificate cannot be taken: {Why}. The present one stays", e.Message);
        }
    }

    private bool IsOfOurAuthority(X509Certificate2 newer)
    {
        if (config.Broker.CaFile is not { } file)
        {
            return true;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = time.GetUtcNow().LocalDateTime;
        return chain.Build(newer);
    }

    private byte[]? Proved(string? request)
    {
        if (Path is not { } path)
        {
            return null;
        }

        using var present = Read(path);
        using var key = present?.GetECDsaPrivateKey();
        return present is null || key is null ? null : WireCodec.Write(new CertificateRenewal(
            present.SerialNumber,
            Convert.ToBase64String(key.SignData(CertificateRenewal.Signed(present.SerialNumber, request), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)),
            request));
    }

    private X509Certificate2? Read(string path)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(path, path);
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            log.LogWarning("{Path} cannot be read: {Why}", path, e.Message);
            return null;
        }
    }
}
