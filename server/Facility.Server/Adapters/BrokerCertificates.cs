using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Facility.Server.Ports;
using MQTTnet;

namespace Facility.Server.Adapters;

/// <summary>Where the broker is and the PEM files of its connection, as MQTTnet wants them. The broker's name is always checked.</summary>
public static class BrokerCertificates
{
    /// <exception cref="BrokerException">A file cannot be read, or is not what it should be.</exception>
    public static MqttClientOptionsBuilder Reaching(this MqttClientOptionsBuilder builder, BrokerOptions options)
    {
        builder.WithTcpServer(options.Host, options.Port);
        if (options.Tls is { } tls)
        {
            builder.WithTlsOptions(tls.Apply);
        }

        return options.User is null ? builder : builder.WithCredentials(options.User, options.Password ?? "");
    }

    private static void Apply(this BrokerTls tls, MqttClientTlsOptionsBuilder builder)
    {
        // A CA of one's own publishes no list of revoked certificates: renewing the CA takes a broker out.
        builder.UseTls().WithRevocationMode(X509RevocationMode.NoCheck);
        if (tls.CaFile is { } ca)
        {
            builder.WithTrustChain(Read(ca, () =>
            {
                var chain = new X509Certificate2Collection();
                chain.ImportFromPemFile(ca);
                return chain.Count > 0 ? chain : throw new CryptographicException("it holds no certificate");
            }));
        }

        if (tls.CertificateFile is { } certificate)
        {
            builder.WithClientCertificates([Read(certificate, () => X509Certificate2.CreateFromPemFile(certificate, tls.KeyFile))]);
        }
    }

    private static T Read<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new BrokerException($"{path} must be a PEM file that the server may read: {e.Message}", e);
        }
    }
}
