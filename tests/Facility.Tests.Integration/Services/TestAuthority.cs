using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Facility.Tests.Integration.Services;

/// <summary>A certificate authority of one test, that writes what it signs as PEM files.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly X509Certificate2 _root;

    public TestAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _root = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-2), DateTimeOffset.UtcNow.AddYears(2));
    }

    public void Write(string path) => File.WriteAllText(path, _root.ExportCertificatePem());

    /// <summary>Writes <c>{path}.crt</c> and <c>{path}.key</c>.</summary>
    /// <param name="name">Its subject, and when it is a name of a host its alternative name.</param>
    /// <param name="days">From now until it is over; negative: it is over already.</param>
    public void Sign(string path, string name, double days = 300)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        if (IPAddress.TryParse(name, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        using var signed = request.Create(_root, now.AddDays(Math.Min(0, days) - 30), now.AddDays(days), RandomNumberGenerator.GetBytes(8));
        File.WriteAllText(path + ".crt", signed.ExportCertificatePem());
        File.WriteAllText(path + ".key", key.ExportPkcs8PrivateKeyPem());
    }

    public void Dispose() => _root.Dispose();
}
