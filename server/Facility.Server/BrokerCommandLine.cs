using System.CommandLine;
using Facility.Server.Ports;

namespace Facility.Server;

/// <summary>The options of the broker, for all commands that speak to it.</summary>
/// <param name="ifMissing">embedded, or nothing where there is none to speak to.</param>
internal sealed class BrokerCommandLine(string ifMissing)
{
    private readonly Option<string> broker = ServerCommandLine.Text("--broker", $"{(ifMissing.Length > 0 ? ifMissing + ", or " : "")}mqtt[s]://[user@]host[:port].", ifMissing);
    private readonly Option<string> password = ServerCommandLine.Text("--broker-password-file", "File with the broker's password.", "");
    private readonly Option<string> ca = ServerCommandLine.Text("--broker-ca-file", "PEM file of who signed an mqtts broker's certificate; else the machine's trust.", "");
    private readonly Option<string> certificate = ServerCommandLine.Text("--broker-certificate-file", "PEM file of the server's certificate for an mqtts broker.", "");
    private readonly Option<string> key = ServerCommandLine.Text("--broker-key-file", "PEM file of that certificate's private key.", "");
    private readonly Option<string> clientId = ServerCommandLine.Text("--broker-client-id", "The server's client id at the broker.", "facility-server");

    public void AddTo(Command command)
    {
        foreach (var option in new[] { broker, password, ca, certificate, key, clientId })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Null where it is embedded, or none was given.</summary>
    /// <exception cref="FormatException">A value is not allowed; the message says which and what is.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public BrokerOptions? Read(ParseResult parsed)
    {
        string? OrNull(Option<string> option) => parsed.GetValue(option) is { Length: > 0 } value ? value : null;
        string? File(Option<string> option) => OrNull(option) is not { } path || System.IO.File.Exists(path) ? OrNull(option)
            : throw new FormatException($"{option.Name} {path}: there is no such file, or the server may not see it.");

        return OrNull(broker) is not { } url || (url == ServerOptions.Embedded && ifMissing == url) ? null : ReadBroker(
            url, OrNull(clientId) ?? "", OrNull(password) is { } secret ? System.IO.File.ReadAllText(secret).Trim() : null, new BrokerTls(File(ca), File(certificate), File(key)));
    }

    private static BrokerOptions ReadBroker(string text, string clientId, string? password, BrokerTls tls)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url is not { Scheme: "mqtt" or "mqtts", Host.Length: > 0 } || url.UserInfo.Contains(':', StringComparison.Ordinal))
        {
            throw new FormatException("--broker is not allowed: give embedded, or mqtt[s]://[user@]host[:port] with the password in --broker-password-file.");
        }

        var encrypted = url.Scheme == "mqtts";
        if (!encrypted && tls != new BrokerTls(null, null, null))
        {
            throw new FormatException($"--broker {url.Scheme}://{url.Host} is in the clear: files of certificates are for mqtts://.");
        }

        if (tls.CertificateFile is null != tls.KeyFile is null)
        {
            throw new FormatException("--broker-certificate-file and --broker-key-file belong together: give both, or neither.");
        }

        var user = url.UserInfo.Length > 0 ? Uri.UnescapeDataString(url.UserInfo) : null;
        return new BrokerOptions(url.Host, url.Port > 0 ? url.Port : encrypted ? 8883 : 1883, clientId, user, password, encrypted ? tls : null);
    }
}
