using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Facility.Edge.Configuration;
using MQTTnet;
using MQTTnet.Formatter;

namespace Facility.Edge.Uplink;

/// <summary>
/// One connection's way to the broker: its options with the files as they are now, and afterwards why it failed, in words.
/// </summary>
/// <remarks>
/// With TLS the broker's name and chain are always checked; nothing turns that off. Revocation is not asked for: a private
/// authority has no place to ask, and a device that cannot reach one must still tell its alarms. In TLS 1.3 a broker refuses
/// our certificate only after the handshake: its alert is often overtaken by the end of the connection, and then guessed.
/// </remarks>
internal sealed class BrokerAccess : IDisposable
{
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);
    private const string Alert = " alert ";
    private static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    private readonly BrokerConfig _broker;
    private readonly BrokerFiles _files;
    private readonly TimeProvider _time;
    private readonly DateTimeOffset _now;
    private string? _distrust;
    private bool _handshake;

    /// <exception cref="ConfigException">A file is missing or not right.</exception>
    public BrokerAccess(BrokerConfig broker, TimeProvider time) =>
        (_broker, _files, _time, _now) = (broker, BrokerFiles.Read(broker), time, time.GetUtcNow());

    /// <summary>A sentence when this device's certificate is over or nearly so.</summary>
    public string? Expiry => _files.Device is { } device && device.NotAfter - _now.LocalDateTime < Soon
        ? $"This device's certificate {_broker.CertificateFile} is valid until {device.NotAfter:yyyy-MM-dd HH:mm}: renew it"
        : null;

    public void Dispose() => _files.Dispose();

    public MqttClientOptionsBuilder Options(string client)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithTcpServer(_broker.Url.DnsSafeHost, _broker.Port)
            .WithClientId(client)
            .WithCleanStart()
            .WithTimeout(Timeout);
        if (_broker.Username is { } name)
        {
            builder = builder.WithCredentials(name, _files.Password ?? "");
        }

        return _broker.IsSecure ? builder.WithTlsOptions(Secure) : builder;
    }

    /// <summary>Connects, or gives up after <see cref="Timeout"/>: of a call that can be cancelled the client itself waits for ever.</summary>
    public async Task<MqttClientConnectResult> ConnectAsync(IMqttClient client, MqttClientOptionsBuilder options, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, patience.Token);
        try
        {
            return await client.ConnectAsync(options.Build(), either.Token).ConfigureAwait(false);
        }
        catch (Exception) when (patience.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            // The client says one of several things then, such as that the connection was closed.
            throw new TimeoutException($"no answer within {Timeout.TotalSeconds} s");
        }
    }

    /// <summary>The broker answered: what ends the connection from now on is not about certificates.</summary>
    public void Answered() => _handshake = false;

    /// <summary>Why the connection failed, for a person.</summary>
    public string Explain(Exception e)
    {
        var innermost = e;
        while (innermost.InnerException is { } inner)
        {
            innermost = inner;
        }

        var alert = innermost.Message.IndexOf(Alert, StringComparison.Ordinal);
        return _distrust
            ?? (alert >= 0 ? Refusal(innermost.Message[(alert + Alert.Length)..]) : null)
            ?? (_handshake && innermost is SocketException ? "most likely " + Refusal("it ended the connection after the TLS handshake, before an answer") : null)
            ?? innermost.Message;
    }

    private void Secure(MqttClientTlsOptionsBuilder tls)
    {
        tls.UseTls().WithTargetHost(_broker.Url.DnsSafeHost).WithRevocationMode(X509RevocationMode.NoCheck).WithCertificateValidationHandler(IsTrusted);
        if (_files.Authorities is { } authorities)
        {
            tls.WithTrustChain(authorities);
        }

        if (_files.Device is { } device)
        {
            tls.WithClientCertificates([device]);
        }
    }

    // What the base library found, kept in words; never overruled.
    private bool IsTrusted(MqttClientCertificateValidationEventArgs e)
    {
        if (e.SslPolicyErrors == SslPolicyErrors.None)
        {
            _handshake = true;
            return true;
        }

        if (e.Certificate is not X509Certificate2 certificate)
        {
            _distrust = "the broker showed no certificate";
            return false;
        }

        var why = new List<string>();
        if (e.SslPolicyErrors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            why.Add($"it is not for the name {_broker.Url.DnsSafeHost}");
        }

        foreach (var status in e.Chain.ChainStatus.Select(s => s.Status).Distinct())
        {
            why.Add(status switch
            {
                X509ChainStatusFlags.NotTimeValid =>
                    $"it is valid from {certificate.NotBefore:yyyy-MM-dd HH:mm} until {certificate.NotAfter:yyyy-MM-dd HH:mm}, or its authority's is over, and the clock here says {_now.LocalDateTime:yyyy-MM-dd HH:mm}",
                X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain =>
                    $"its authority \"{certificate.Issuer}\" is not {(_broker.CaFile is { } file ? $"in {file}" : "one that this machine trusts (broker.caFile names another)")}",
                _ => status.ToString(),
            });
        }

        _distrust = $"the broker's certificate \"{certificate.Subject}\" is not trusted: {string.Join("; ", why)}";
        return false;
    }

    private string Refusal(string how) => _files.Device is { } device
        ? $"the broker refuses this device's certificate \"{device.Subject}\", valid until {device.NotAfter:yyyy-MM-dd HH:mm} ({how})"
        : $"the broker asks for a certificate of this device: broker.certificateFile and broker.keyFile ({how})";
}
