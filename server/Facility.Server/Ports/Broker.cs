namespace Facility.Server.Ports;

/// <summary>Where the broker is and who the server is there.</summary>
/// <param name="ClientId">Fixed: with it the broker keeps the server's session while it is away.</param>
/// <param name="Tls">Null for a connection in the clear.</param>
public sealed record BrokerOptions(
    string Host, int Port, string ClientId = "facility-server", string? User = null, string? Password = null, BrokerTls? Tls = null)
{
    public override string ToString() => $"{(Tls is null ? "mqtt" : "mqtts")}://{Host}:{Port}";
}

/// <summary>PEM files of an encrypted connection. They are read at each connection, so that a renewed one is taken without a restart.</summary>
/// <param name="CaFile">Who may have signed the broker's certificate; null for the machine's own trust.</param>
/// <param name="CertificateFile">Who the server is; null when the broker asks for no certificate.</param>
public sealed record BrokerTls(string? CaFile, string? CertificateFile, string? KeyFile);

/// <summary>The broker cannot be started; the message says what to do.</summary>
public sealed class BrokerException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Where the embedded broker listens.</summary>
/// <param name="Port">In the clear, on loopback.</param>
/// <param name="TlsPort">For devices that joined; null for none.</param>
/// <param name="Names">Host names and addresses by which devices reach it.</param>
public sealed record BrokerListening(int Port, int? TlsPort, System.Net.IPAddress TlsAddress, IReadOnlyList<string> Names);
