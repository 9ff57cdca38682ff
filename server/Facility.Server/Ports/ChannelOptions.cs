using System.Net;
using System.Net.Mail;
using Facility.Server.OnCall;

namespace Facility.Server.Ports;

/// <summary>The providers by which people are reached. A channel whose provider is not given refuses each address, and says what it needs.</summary>
/// <param name="NtfyTokens">Access tokens by host (<c>host[:port]</c>).</param>
/// <param name="PushContact">Whom push services may tell that something is wrong, <c>mailto:</c> or <c>https:</c>.</param>
public sealed record ChannelOptions(SmtpOptions? Smtp, IReadOnlyDictionary<string, string> NtfyTokens, WebhookSignature? Webhook, string? PushContact = null)
{
    public static ChannelOptions None { get; } = new(null, new Dictionary<string, string>(), null);
}

/// <summary>The mail server, and who the messages are from.</summary>
/// <param name="IsTls">Encrypted from the first byte (smtps); else by STARTTLS, which only a server on this machine need not offer.</param>
public sealed record SmtpOptions(string Host, int Port, bool IsTls, string From, string? User = null, string? Password = null)
{
    public bool IsLoopback => Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>An address and nothing besides: no name, no second one, nothing that ends a line.</summary>
    public static bool IsMailAddress(string text) =>
        text.Length <= 254 && !text.Any(char.IsControl) && MailAddress.TryCreate(text, out var mailbox) && mailbox.Address == text;
}
