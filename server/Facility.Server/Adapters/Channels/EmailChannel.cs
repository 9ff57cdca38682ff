using System.Net.Sockets;
using Facility.Contracts;
using Facility.Domain.OnCall;
using Facility.Server.Ports;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Facility.Server.Adapters.Channels;

/// <summary>E-mail by one's own mail server, a connection for each message.</summary>
/// <param name="smtp">Null: no mail server was given, and this channel is refused.</param>
internal sealed class EmailChannel(SmtpOptions? smtp) : IChannel
{
    private const int MostText = 64 * 1024;
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(1);

    public string Kind => "email";

    public string? Refusal(string address) => smtp is null
        ? "email needs a mail server: --smtp smtp[s]://[user@]host[:port] and --mail-from, with --smtp-password-file for a user"
        : SmtpOptions.IsMailAddress(address) ? null
        : $"email address {SafeText.Line(address)} is not allowed: give one such as anna@example.org";

    public async Task<SendAnswer> SendAsync(Message message, CancellationToken cancellation)
    {
        if (smtp is null || Refusal(message.Address) is not null)
        {
            return new SendAnswer(SendOutcome.Refused, Refusal(message.Address)!);
        }

        using var mail = Mail(message, smtp.From);

        // A private authority publishes no list of revoked certificates, and a list that cannot be had must not stop a page.
        using var client = new SmtpClient { CheckCertificateRevocation = false };
        try
        {
            await client.ConnectAsync(smtp.Host, smtp.Port, Security(smtp), cancellation);
            if (smtp.User is { } user)
            {
                await client.AuthenticateAsync(user, smtp.Password ?? "", cancellation);
            }

            var said = await client.SendAsync(mail, cancellation);
            await LeaveAsync(client);
            return new SendAnswer(SendOutcome.Sent, SafeText.Line(said));
        }
        catch (SmtpCommandException e)
        {
            return new SendAnswer(OutcomeOf(e), SafeText.Line($"{(int)e.StatusCode} {e.Message}"));
        }
        catch (AuthenticationException e)
        {
            return new SendAnswer(e.InnerException is SmtpCommandException inner ? OutcomeOf(inner) : SendOutcome.Refused, SafeText.Line($"{smtp.Host} does not let the server in: {e.Message}"));
        }
        catch (Exception e) when (e is ProtocolException or IOException or SocketException or SslHandshakeException or NotSupportedException or TimeoutException
            or ArgumentException)
        {
            cancellation.ThrowIfCancellationRequested();
            return new SendAnswer(SendOutcome.Failed, SafeText.Line(e.Message));
        }
    }

    // Only what does not leave this machine may go in the clear.
    private static SecureSocketOptions Security(SmtpOptions smtp) => smtp.IsTls ? SecureSocketOptions.SslOnConnect
        : smtp.IsLoopback ? SecureSocketOptions.StartTlsWhenAvailable
        : SecureSocketOptions.StartTls;

    // 4yz is for now, 5yz for good (RFC 5321, section 4.2.1).
    private static SendOutcome OutcomeOf(SmtpCommandException e) => (int)e.StatusCode is >= 500 and < 600 ? SendOutcome.Refused : SendOutcome.Failed;

    // It has the message: how the farewell goes changes nothing.
    private static async Task LeaveAsync(SmtpClient client)
    {
        using var limit = new CancellationTokenSource(Goodbye);
        try
        {
            await client.DisconnectAsync(quit: true, limit.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ProtocolException or CommandException or IOException)
        {
            // Disposing closes it.
        }
    }

    private static MimeMessage Mail(Message message, string from)
    {
        var text = SafeText.Lines(message.Text, MostText);
        var mail = new MimeMessage
        {
            MessageId = $"{message.Id}@{from[(from.LastIndexOf('@') + 1)..]}",
            Subject = SafeText.Line(message.Title),
            Body = new TextPart("plain") { Text = message.Link is { } link ? $"{text}\n\n{link.AbsoluteUri}\n" : text + "\n" },
            Importance = message.Urgent ? MessageImportance.High : MessageImportance.Normal,
            Priority = message.Urgent ? MessagePriority.Urgent : MessagePriority.Normal,
        };
        mail.From.Add(new MailboxAddress("Facility", from));
        mail.To.Add(new MailboxAddress("", message.Address));

        // No answer of a machine, such as that somebody is on holiday (RFC 3834).
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        return mail;
    }
}
