using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Facility.Contracts;
using Facility.Domain.Devices;
using Facility.Server.Ports;

namespace Facility.Server.Adapters.Devices;

/// <summary>
/// <see cref="IDeviceAuthority"/> of two PEM files, made at the first start where both are missing (the key for this user's eyes only),
/// and never replaced by the server itself: with another authority all devices would have to join again.
/// </summary>
/// <remarks>A device's certificate says its id (CN, by which mosquitto's ACL goes) and its site (OU). X.509 as RFC 5280, ECDSA P-256 with SHA-256.</remarks>
public sealed class DeviceAuthority : IDeviceAuthority, IDisposable
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const int MostRequest = 8 * 1024;
    private static readonly TimeSpan AuthorityLife = TimeSpan.FromDays(7305);

    // Clocks of devices differ.
    private static readonly TimeSpan Earlier = TimeSpan.FromMinutes(5);

    private readonly DeviceOptions options;
    private readonly X509Certificate2 ca;
    private readonly Lock gate = new();

    /// <exception cref="BrokerException">The files are not an authority; the message says what to do.</exception>
    public DeviceAuthority(DeviceOptions options, DateTimeOffset now)
    {
        this.options = options;
        try
        {
            if (!File.Exists(options.CaFile) && !File.Exists(options.CaKeyFile))
            {
                Make(now);
            }

            ca = X509Certificate2.CreateFromPemFile(options.CaFile, options.CaKeyFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new BrokerException(
                $"The devices' authority cannot be read: {options.CaFile} and {options.CaKeyFile} must be its certificate and its key in PEM ({e.Message}). Put them back from a backup; without them devices join anew.", e);
        }

        Certificate = ca.ExportCertificatePem();
    }

    public string Certificate { get; }

    public DeviceCertificate Sign(string request, string site, string device, DateTimeOffset now)
    {
        var wanted = Read(request);
        var made = new CertificateRequest(new X500DistinguishedName($"CN={device}, OU={site}"), wanted.PublicKey, HashAlgorithmName.SHA256);
        made.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        made.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        made.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientAuthentication)], false));
        using var signed = Signed(made, now, now + options.Life);
        return Described(signed, site, device);
    }

    /// <summary>A certificate for the embedded broker, with its key in memory.</summary>
    /// <param name="names">Host names and addresses by which devices reach it.</param>
    public X509Certificate2 ForBroker(IEnumerable<string> names, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var made = new CertificateRequest(new X500DistinguishedName("CN=broker"), key, HashAlgorithmName.SHA256);
        made.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        made.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        made.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
        var alternative = new SubjectAlternativeNameBuilder();
        foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (IPAddress.TryParse(name, out var address))
            {
                alternative.AddIpAddress(address);
            }
            else
            {
                alternative.AddDnsName(name);
            }
        }

        made.CertificateExtensions.Add(alternative.Build());
        using var signed = Signed(made, now, now + TimeSpan.FromDays(365));
        return signed.CopyWithPrivateKey(key);
    }

    /// <remarks>
    /// The list never runs out before the authority does: one that did would lock all devices out, alarms and all, because a server was
    /// away. Brokers read the newest there is.
    /// </remarks>
    public void Publish(IReadOnlyCollection<DeviceCertificate> revoked, DateTimeOffset now)
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
        {
            list.AddEntry(
                Convert.FromHexString(certificate.Serial), certificate.RevokedAt,
                certificate.Reason == DeviceCertificate.Superseded ? X509RevocationReason.Superseded : X509RevocationReason.CessationOfOperation);
        }

        byte[] der;
        lock (gate)
        {
            der = list.Build(ca, now.ToUnixTimeMilliseconds(), ca.NotAfter, HashAlgorithmName.SHA256, thisUpdate: now - Earlier);
        }

        PrivateFile.Write(options.CrlFile, PemEncoding.WriteString("X509 CRL", der) + "\n", secret: false);
    }

    public Visitor? Recognise(X509Certificate2 certificate, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.LocalDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ClientAuthentication));
        if (!chain.Build(certificate))
        {
            return null;
        }

        var names = certificate.SubjectName.EnumerateRelativeDistinguishedNames().Where(n => !n.HasMultipleElements)
            .ToLookup(n => n.GetSingleElementType().Value, n => n.GetSingleElementValue());
        var (device, site) = (names["2.5.4.3"].SingleOrDefault(), names["2.5.4.11"].SingleOrDefault());
        return Ids.IsValid(device) && (site is null || Ids.IsValid(site)) ? new Visitor(VisitorKind.Device, site, device, certificate.SerialNumber) : null;
    }

    public IReadOnlyList<DeviceCertificate> Known()
    {
        if (options.KnownFolder is not { } folder || !Directory.Exists(folder))
        {
            return [];
        }

        var found = new List<DeviceCertificate>();
        foreach (var file in Directory.EnumerateFiles(folder, "*.crt").Order(StringComparer.Ordinal))
        {
            try
            {
                using var certificate = X509CertificateLoader.LoadCertificateFromFile(file);
                if (Recognise(certificate, certificate.NotBefore.AddMinutes(1)) is { Device: { } device } who)
                {
                    found.Add(Described(certificate, who.Site ?? "", device));
                }
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                throw new BrokerException($"{file} is no certificate in PEM: {e.Message}", e);
            }
        }

        return found;
    }

    public void Dispose() => ca.Dispose();

    private static CertificateRequest Read(string pem)
    {
        if (pem.Length <= MostRequest)
        {
            try
            {
                var request = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256, CertificateRequestLoadOptions.Default);
                using var key = request.PublicKey.GetECDsaPublicKey();
                if (key?.ExportParameters(false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value)
                {
                    return request;
                }
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                throw new FormatException($"the request is no certificate signing request in PEM that is signed by its own key: {e.Message}", e);
            }
        }

        throw new FormatException("the request is a certificate signing request in PEM for a key of P-256, at most 8 KiB");
    }

    private static DeviceCertificate Described(X509Certificate2 signed, string site, string device) => new(
        signed.SerialNumber, site, device, signed.ExportCertificatePem(), Convert.ToHexStringLower(SHA256.HashData(signed.PublicKey.ExportSubjectPublicKeyInfo())),
        new DateTimeOffset(signed.NotBefore.ToUniversalTime()), new DateTimeOffset(signed.NotAfter.ToUniversalTime()));

    private X509Certificate2 Signed(CertificateRequest request, DateTimeOffset now, DateTimeOffset until)
    {
        var isNamed = ca.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any();
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, isNamed, !isNamed));
        var serial = RandomNumberGenerator.GetBytes(16);

        // A positive number without leading zeros.
        serial[0] = (byte)((serial[0] & 0x7f) | 0x40);
        lock (gate)
        {
            return request.Create(ca, Later(now - Earlier, ca.NotBefore), until < ca.NotAfter ? until : ca.NotAfter, serial);
        }
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private void Make(DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Facility CA", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var made = request.CreateSelfSigned(now - Earlier, now + AuthorityLife);

        // The key first: a certificate without its key would be refused at the next start, a key alone is not.
        PrivateFile.Write(options.CaKeyFile, key.ExportPkcs8PrivateKeyPem() + "\n", secret: true);
        PrivateFile.Write(options.CaFile, made.ExportCertificatePem() + "\n", secret: false);
    }
}
