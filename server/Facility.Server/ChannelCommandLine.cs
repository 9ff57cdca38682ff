using System.CommandLine;
using Facility.Server.OnCall;
using Facility.Server.Ports;

namespace Facility.Server;

/// <summary>The options of the channels, for all commands that call people or check how they are reached.</summary>
internal sealed class ChannelCommandLine
{
    private readonly Option<string> smtp = ServerCommandLine.Text("--smtp", "Mail server: smtp[s]://[user@]host[:port]; smtp asks for STARTTLS, which only localhost need not have.", "");
    private readonly Option<string> password = ServerCommandLine.Text("--smtp-password-file", "File with the password of the mail server's user.", "");
    private readonly Option<string> from = ServerCommandLine.Text("--mail-from", "Address that e-mail comes from.", "");
    private readonly Option<string> tokens = ServerCommandLine.Text("--ntfy-token-file", "File with access tokens of ntfy servers: a line HOST TOKEN for each.", "");
    private readonly Option<string> secret = ServerCommandLine.Text("--webhook-secret-file", "File with the secret that webhooks and their reports are signed with: whsec_ and base64.", "");

    private readonly Option<string> push = ServerCommandLine.Text("--push-contact", "Whom browsers' push services may tell of trouble: mailto:you@example.org or an https URL.", "");

    /// <param name="recursive">For its subcommands too.</param>
    public void AddTo(Command command, bool recursive = false)
    {
        foreach (var option in new[] { smtp, password, from, tokens, secret, push })
        {
            option.Recursive = recursive;
            command.Options.Add(option);
        }
    }

    /// <exception cref="FormatException">A value is not allowed; the message says which and what is.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public ChannelOptions Read(ParseResult parsed) => new(
        parsed.GetValue(smtp) is { Length: > 0 } url ? ReadSmtp(url, parsed.GetValue(from) ?? "", Secret(parsed, password)) : null,
        ReadTokens(Secret(parsed, tokens) ?? ""), ReadWebhook(Secret(parsed, secret)),
        parsed.GetValue(push) is { Length: > 0 } contact ? ReadContact(contact) : null);

    private static string? Secret(ParseResult parsed, Option<string> option) => parsed.GetValue(option) is { Length: > 0 } path ? File.ReadAllText(path).Trim() : null;

    // Push services look at it: Apple's refuses what is neither.
    private static string ReadContact(string text) => Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeMailto ? url.AbsoluteUri.Contains('@', StringComparison.Ordinal) : url.Scheme == Uri.UriSchemeHttps) ? url.AbsoluteUri
        : throw new FormatException($"--push-contact {text} is not allowed: give mailto: and a mail address, or an https URL.");

    private static SmtpOptions ReadSmtp(string text, string from, string? password)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url is not { Scheme: "smtp" or "smtps", Host.Length: > 0, PathAndQuery: "/" or "" }
            || url.UserInfo.Contains(':', StringComparison.Ordinal))
        {
            throw new FormatException("--smtp is not allowed: give smtp[s]://[user@]host[:port] with the password in --smtp-password-file.");
        }

        if (!SmtpOptions.IsMailAddress(from))
        {
            throw new FormatException($"--mail-from {(from.Length == 0 ? "is missing" : from + " is not allowed")}: give the address that e-mail comes from, such as facility@example.org.");
        }

        if (url.UserInfo.Length > 0 != password is not null)
        {
            throw new FormatException("The user of --smtp and --smtp-password-file belong together: give both, or neither.");
        }

        var isTls = url.Scheme == "smtps";

        // Port 25 is between mail servers; programs bring their mail to 587, or 465 where it is encrypted at once (RFC 8314).
        var port = url.Port > 0 ? url.Port : isTls ? 465 : 587;
        return new SmtpOptions(url.DnsSafeHost, port, isTls, from, password is null ? null : Uri.UnescapeDataString(url.UserInfo), password);
    }

    private static Dictionary<string, string> ReadTokens(string text)
    {
        var tokens = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var host, var token] || !token.All(char.IsAscii) || !tokens.TryAdd(host, token))
            {
                throw new FormatException("--ntfy-token-file: each line is HOST TOKEN, each host once, such as ntfy.example.org tk_abc.");
            }
        }

        return tokens;
    }

    private static WebhookSignature? ReadWebhook(string? secret)
    {
        try
        {
            return secret is null ? null : new WebhookSignature(secret);
        }
        catch (FormatException e)
        {
            throw new FormatException($"--webhook-secret-file: {e.Message}.");
        }
    }
}
