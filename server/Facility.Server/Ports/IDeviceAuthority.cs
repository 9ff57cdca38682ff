using System.Security.Cryptography.X509Certificates;
using Facility.Domain.Devices;

namespace Facility.Server.Ports;

/// <summary>Where the authority of the devices is, and what devices are told.</summary>
/// <param name="CaFile">PEM: its certificate.</param>
/// <param name="CaKeyFile">PEM: its private key; made with the certificate where both are missing.</param>
/// <param name="CrlFile">PEM: the list of revoked certificates, for a broker of one's own.</param>
/// <param name="Broker">Where devices find the broker, such as <c>mqtts://mqtt.example.org:8883</c>; null: none can join.</param>
/// <param name="Life">How long a certificate is valid.</param>
/// <param name="KnownFolder">Certificates (PEM, *.crt) that were made elsewhere by this authority, so that they can be revoked; null for none.</param>
public sealed record DeviceOptions(string CaFile, string CaKeyFile, string CrlFile, Uri? Broker, TimeSpan Life, string? KnownFolder = null);

/// <summary>Signs certificates for devices, and says which are revoked.</summary>
public interface IDeviceAuthority
{
    /// <summary>PEM.</summary>
    string Certificate { get; }

    /// <summary>A certificate for the key of a request, whatever else the request says.</summary>
    /// <param name="request">PEM, PKCS #10, a key of P-256.</param>
    /// <exception cref="FormatException">The request is none, or not signed by its own key; the message says what is allowed.</exception>
    DeviceCertificate Sign(string request, string site, string device, DateTimeOffset now);

    /// <summary>What is revoked, as a list that brokers read; written whole or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    void Publish(IReadOnlyCollection<DeviceCertificate> revoked, DateTimeOffset now);

    /// <summary>Who a certificate is for; null when this authority did not sign it for a device, or it is over.</summary>
    Visitor? Recognise(X509Certificate2 certificate, DateTimeOffset now);

    /// <summary>Certificates that it signed elsewhere.</summary>
    IReadOnlyList<DeviceCertificate> Known();
}

/// <summary>The broker's door: who is in can be put out.</summary>
public interface IBrokerDoor
{
    /// <summary>Whether it sees by which certificate each connection is.</summary>
    bool KnowsCertificates { get; }

    /// <summary>Ends a device's connections that are not by a good certificate; where it does not see which, all of them: who may is back at once.</summary>
    Task CutAsync(string device, CancellationToken cancellation);
}
