using System.CommandLine;
using System.Globalization;
using System.Net;
using Facility.Server.Ports;

namespace Facility.Server;

/// <summary>The options of who the devices are.</summary>
internal sealed class DeviceCommandLine
{
    private readonly Option<string> tlsPort = ServerCommandLine.Text("--mqtt-tls-port", "Port of the embedded broker with TLS, for devices that joined; 0 for none.", "0");
    private readonly Option<string> tlsAddress = ServerCommandLine.Text("--mqtt-tls-address", "Address of that port.", "::");
    private readonly Option<string> tlsNames = ServerCommandLine.Text("--mqtt-tls-names", "Names and addresses by which devices reach it, with , between them; else the host of --public-url, and this machine's name.", "");
    private readonly Option<string> broker = ServerCommandLine.Text("--device-broker-url", "Where devices that join find the broker: mqtts://host:8883; else the embedded one with TLS.", "");
    private readonly Option<string> ca = ServerCommandLine.Text("--device-ca-file", "PEM file of the devices' authority; else in the data folder, made at the first start.", "");
    private readonly Option<string> caKey = ServerCommandLine.Text("--device-ca-key-file", "PEM file of that authority's private key.", "");
    private readonly Option<string> crl = ServerCommandLine.Text("--device-crl-file", "File that the list of revoked certificates is written to, for a broker of your own; else in the data folder.", "");
    private readonly Option<string> days = ServerCommandLine.Text("--device-certificate-days", "Days that a device's certificate is valid; it renews it when a third is left.", "365");
    private readonly Option<string> known = ServerCommandLine.Text("--device-certificates", "Folder of devices' certificates (*.crt) that this authority signed elsewhere, so that they can be revoked.", "");

    public void AddTo(Command command)
    {
        foreach (var option in new[] { tlsPort, tlsAddress, tlsNames, broker, ca, caKey, crl, days, known })
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="FormatException">A value is not allowed; the message says which and what is.</exception>
    public (DeviceOptions Devices, BrokerListening Listening) Read(ParseResult parsed, string data, int mqttPort, Uri publicUrl)
    {
        string Of(Option<string> option) => parsed.GetValue(option) ?? "";
        string? OrNull(Option<string> option) => Of(option) is { Length: > 0 } value ? value : null;

        if (OrNull(ca) is null != OrNull(caKey) is null)
        {
            throw new FormatException("--device-ca-file and --device-ca-key-file belong together: give both, or neither.");
        }

        int? port = int.TryParse(Of(tlsPort), NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given is >= 0 and < 65536
            ? given == 0 ? null : given
            : throw new FormatException($"--mqtt-tls-port {Of(tlsPort)} is not allowed: give a port from 1 to 65535, or 0 for none.");
        var address = IPAddress.TryParse(Of(tlsAddress), out var at) ? at
            : throw new FormatException($"--mqtt-tls-address {Of(tlsAddress)} is not allowed: give an address such as 0.0.0.0 or ::.");
        var names = OrNull(tlsNames)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            ?? [publicUrl.IdnHost.Trim('[', ']'), Dns.GetHostName(), "localhost", "127.0.0.1"];
        if (names.FirstOrDefault(n => Uri.CheckHostName(n) == UriHostNameType.Unknown) is { } wrong)
        {
            throw new FormatException($"--mqtt-tls-names {wrong} is not allowed: give host names or addresses.");
        }

        var folder = Path.Combine(data, "devices");
        var life = double.TryParse(Of(days), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 825
            ? TimeSpan.FromDays(number)
            : throw new FormatException($"--device-certificate-days {Of(days)} is not allowed: give days, at most 825.");
        return (
            new DeviceOptions(
                OrNull(ca) ?? Path.Combine(folder, "ca.crt"), OrNull(caKey) ?? Path.Combine(folder, "ca.key"), OrNull(crl) ?? Path.Combine(folder, "revoked.crl"),
                OrNull(broker) is { } url ? ReadBroker(url) : port is { } tls ? new UriBuilder("mqtts", names[0], tls).Uri : null, life, OrNull(known)),
            new BrokerListening(mqttPort, port, address, names));
    }

    private static Uri ReadBroker(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "mqtts", Host.Length: > 0, UserInfo: "", Query: "", Fragment: "" }
        ? url
        : throw new FormatException($"--device-broker-url {text} is not allowed: give mqtts://host:port; a device that joins has a certificate.");
}
