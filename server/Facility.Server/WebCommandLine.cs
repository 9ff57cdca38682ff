using System.CommandLine;
using System.Net;
using Facility.Server.Api.Access;

namespace Facility.Server;

/// <summary>The options by which the server meets the web: who may be whom, and whom it believes.</summary>
internal sealed class WebCommandLine
{
    private readonly Option<string> origins = ServerCommandLine.Text("--allowed-origins", "Other origins whose pages may open the live hub, with commas between them: https://intranet.example.org.", "");
    private readonly Option<string> proxies = ServerCommandLine.Text("--trusted-proxies", "Addresses or networks, with commas between them, whose X-Forwarded-For, -Proto and -Host are believed: 127.0.0.1,10.0.0.0/8.", "");
    private readonly Option<string> contact = ServerCommandLine.Text("--security-contact", "Whom to tell of trouble, in /.well-known/security.txt: mailto:security@example.org or an https URL.", "");
    private readonly Option<string> rate = ServerCommandLine.Text("--api-rate", "Requests of the API per second of one caller, and ten times as many at once, or off.", "200");
    private readonly Option<string> authority = ServerCommandLine.Text("--oidc-authority", "The organisation's own OpenID Connect provider: https://login.example.org.", "");
    private readonly Option<string> client = ServerCommandLine.Text("--oidc-client-id", "What that provider knows this server as.", "");
    private readonly Option<string> secret = ServerCommandLine.Text("--oidc-client-secret-file", "File with the secret that it shares with this server.", "");
    private readonly Option<string> roles = ServerCommandLine.Text("--oidc-roles-claim", "The claim with a person's role: buurtverbinder, piket, analyst or administrator.", "roles");
    private readonly Option<string> sites = ServerCommandLine.Text("--oidc-sites-claim", "The claim with a person's sites, or * for all; nobody without it sees any.", "sites");

    public void AddTo(Command command)
    {
        foreach (var option in new[] { origins, proxies, contact, rate, authority, client, secret, roles, sites })
        {
            command.Options.Add(option);
        }
    }

    /// <exception cref="FormatException">A value is not allowed; the message says which and what is.</exception>
    public WebOptions Read(ParseResult parsed) => new(
        [.. Split(parsed, origins).Select(o => Uri.TryCreate(o, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", PathAndQuery: "/" } && !o.EndsWith('/')
            ? o : throw new FormatException($"--allowed-origins {o} is not allowed: give https://host, without a path."))],
        [.. Split(parsed, proxies).Select(Network)],
        parsed.GetValue(contact) is not { Length: > 0 } text ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var to) && to.Scheme is "mailto" or "https" ? to
            : throw new FormatException($"--security-contact {text} is not allowed: give mailto:you@example.org or an https URL."),
        parsed.GetValue(rate) is "off" ? null
            : int.TryParse(parsed.GetValue(rate), out var each) && each is > 0 and <= 100_000 ? each
            : throw new FormatException($"--api-rate {parsed.GetValue(rate)} is not allowed: give requests per second from 1 to 100000, or off."));

    /// <returns>Null without a provider.</returns>
    /// <exception cref="FormatException">A value is not allowed; the message says which and what is.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public OpenIdOptions? ReadOpenId(ParseResult parsed)
    {
        if (parsed.GetValue(authority) is not { Length: > 0 } text)
        {
            return null;
        }

        // Tokens over plain http could be read and made up on their way.
        var isSafe = Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback));
        return !isSafe ? throw new FormatException($"--oidc-authority {text} is not allowed: give an https URL.")
            : parsed.GetValue(client) is not { Length: > 0 } id ? throw new FormatException("--oidc-authority wants --oidc-client-id too.")
            : new OpenIdOptions(url!, id, parsed.GetValue(secret) is { Length: > 0 } path ? File.ReadAllText(path).Trim() : null, parsed.GetValue(roles)!, parsed.GetValue(sites)!);
    }

    private static string[] Split(ParseResult parsed, Option<string> option) =>
        parsed.GetValue(option)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static IPNetwork Network(string text) =>
        IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var one) ? new IPNetwork(one, one.GetAddressBytes().Length * 8)
        : throw new FormatException($"--trusted-proxies {text} is not allowed: give an address such as 127.0.0.1 or a network such as 10.0.0.0/8.");
}
