using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Facility.Contracts.Mqtt;
using Facility.Server.Adapters.Broker;
using Facility.Server.Adapters.Devices;
using Facility.Server.Devices;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;
using Microsoft.Extensions.Logging.Abstractions;
using MQTTnet;
using MQTTnet.Formatter;

namespace Facility.Tests.Integration.Devices;

/// <summary>The embedded broker with its authority, in this process, and devices that joined.</summary>
internal sealed class EmbeddedParts : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteDeviceStore _store;
    private readonly EmbeddedBroker _broker;

    private EmbeddedParts(GuardPatience patience, TimeProvider time)
    {
        (Port, TlsPort) = (Here.FreePort(), Here.FreePort());
        Authority = new DeviceAuthority(
            new DeviceOptions(_folder["ca.crt"], _folder["ca.key"], _folder["revoked.crl"], new Uri($"mqtts://localhost:{TlsPort}"), TimeSpan.FromDays(365)), DateTimeOffset.UtcNow);
        _store = new SqliteDeviceStore(_folder["devices.db"]);
        Register = new DeviceRegister(_store, Authority, TimeProvider.System);
        Refusals = new BrokerRefusals(TimeProvider.System, NullLogger<BrokerRefusals>.Instance);
        Own = new BrokerOptions("127.0.0.1", Port, User: "facility-server", Password: "of this process");
        _broker = new EmbeddedBroker(
            new BrokerListening(Port, TlsPort, IPAddress.Loopback, ["localhost", "127.0.0.1"]), Own, new Topics(), Authority, Register, Refusals, time,
            NullLogger<EmbeddedBroker>.Instance, patience);
    }

    public int Port { get; }

    public int TlsPort { get; }

    public DeviceAuthority Authority { get; }

    public DeviceRegister Register { get; }

    public BrokerRefusals Refusals { get; }

    public BrokerOptions Own { get; }

    public IBrokerDoor Door => _broker;

    public static async Task<EmbeddedParts> StartAsync(GuardPatience? patience = null, TimeProvider? time = null)
    {
        var it = new EmbeddedParts(patience ?? GuardPatience.Usual, time ?? TimeProvider.System);
        await it._broker.StartAsync();
        return it;
    }

    /// <summary>A device that joined: its certificate with its key.</summary>
    public X509Certificate2 Joined(string site, string device)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var made = Register.Join(
            Register.Claim(site, device, "test").Code, new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256).CreateSigningRequestPem(), "test");
        using var certificate = X509Certificate2.CreateFromPem(made.Pem);
        return certificate.CopyWithPrivateKey(key);
    }

    public MqttClientOptionsBuilder Tls(X509Certificate2? certificate, string clientId) => new MqttClientOptionsBuilder()
        .WithProtocolVersion(MqttProtocolVersion.V500).WithTcpServer("localhost", TlsPort).WithClientId(clientId).WithTimeout(TimeSpan.FromSeconds(10))
        .WithTlsOptions(o => o.UseTls().WithRevocationMode(X509RevocationMode.NoCheck)
            .WithTrustChain([X509Certificate2.CreateFromPem(Authority.Certificate)]).WithClientCertificates(certificate is null ? [] : [certificate]));

    public MqttClientOptionsBuilder Plain(string clientId, bool asServer = false)
    {
        var builder = new MqttClientOptionsBuilder().WithProtocolVersion(MqttProtocolVersion.V500).WithTcpServer("127.0.0.1", Port).WithClientId(clientId).WithTimeout(TimeSpan.FromSeconds(10));
        return asServer ? builder.WithCredentials(Own.User!, Own.Password!) : builder;
    }

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _store.Dispose();
        Authority.Dispose();
        _folder.Dispose();
    }
}
