namespace Facility.Edge.Configuration;

/// <summary>How to reach the broker. The files are named, not held: they are read anew for every connection.</summary>
/// <param name="Url"><c>mqtt://host:1883</c>, or <c>mqtts://host:8883</c> with TLS.</param>
/// <param name="PasswordFile">The password is the first line of this file, so that the configuration holds no secret.</param>
/// <param name="CaFile">PEM: who may sign the broker's certificate; without it, those whom this machine trusts.</param>
/// <param name="CertificateFile">PEM: this device's own certificate, for a broker that asks for one.</param>
/// <param name="KeyFile">PEM: the certificate's private key.</param>
internal sealed record BrokerConfig(
    Uri Url, string? Username = null, string? PasswordFile = null, string? CaFile = null, string? CertificateFile = null, string? KeyFile = null)
{
    public bool IsSecure => Url.Scheme == "mqtts";

    public int Port => Url.Port > 0 ? Url.Port : IsSecure ? 8883 : 1883;

    public static bool IsBroker(string url, out Uri uri) =>
        Uri.TryCreate(url, UriKind.Absolute, out uri!) && uri.Scheme is "mqtt" or "mqtts" && uri.Host.Length > 0 && uri.UserInfo.Length == 0;
}
