using System.CommandLine;

namespace Facility.Edge.Joining;

/// <summary>The command line of <c>facility-edge join</c>.</summary>
internal static class JoinCommand
{
    /// <param name="guarded">Runs it, and tells what a person must correct.</param>
    public static Command Create(Func<Func<Task<int>>, Task<int>> guarded)
    {
        var server = new Option<string>("--server") { Description = "The server, as a browser reaches it: https://facility.example.org", Required = true };
        var code = new Option<string>("--code") { Description = "The code that the server's Beheer shows: good once, and for ten minutes", Required = true };
        var config = new Option<FileInfo?>("--config") { Description = "Sets site, device and broker of this edge.json; without it only the files are made" };
        var data = new Option<string>("--data") { Description = "The folder of the outbox, where certificate and key go", DefaultValueFactory = _ => "./edge-data" };
        var fingerprint = new Option<string?>("--fingerprint") { Description = "SHA-256 of the server's TLS certificate: trust this one, and no other" };
        var ca = new Option<FileInfo?>("--server-ca") { Description = "PEM file of who signed the server's TLS certificate" };
        var insecure = new Option<bool>("--insecure") { Description = "Join in the clear over a network: only where nobody else is on it" };
        var join = new Command("join", "Give this device its identity, by a code of the server") { server, code, config, data, fingerprint, ca, insecure };
        join.SetAction((parsed, _) => guarded(() =>
        {
            var text = parsed.GetRequiredValue(server);
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url is not { Scheme: "http" or "https", Host.Length: > 0, UserInfo: "", Query: "", Fragment: "" })
            {
                throw new StartException($"--server {text} is not allowed; allowed is an address such as https://facility.example.org");
            }

            return new Join(new JoinServer(url, Fingerprint(parsed.GetValue(fingerprint)), parsed.GetValue(ca), parsed.GetValue(insecure)), parsed.GetRequiredValue(code),
                parsed.GetRequiredValue(data), parsed.GetValue(config)).RunAsync(Console.Out);
        }));
        return join;
    }

    private static string? Fingerprint(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var hex = text.Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
        return hex.Length == 64 && hex.All(char.IsAsciiHexDigit) ? hex
            : throw new StartException("--fingerprint is 64 hexadecimal digits, the SHA-256 of the certificate; colons may stand between them");
    }
}
