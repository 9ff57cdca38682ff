using Facility.Server.Adapters.Channels;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;
using MimeKit;

namespace Facility.Tests.Integration.Channels;

/// <summary>E-mail at a real SMTP server (aiosmtpd), which keeps what it takes in a maildir.</summary>
public sealed class EmailChannelTests : ChannelContract
{
    // What the server says to a recipient is by the name; the rest, from EHLO to the dots of a text, is aiosmtpd's.
    private const string Handler = """
        import asyncio
        from aiosmtpd.handlers import Mailbox

        class Peer(Mailbox):
            async def handle_RCPT(self, server, session, envelope, address, options):
                name = address.split('@')[0]
                if name == 'busy':
                    return '451 4.3.0 come back later'
                if name == 'gone':
                    return '550 5.1.1 no such mailbox'
                if name == 'hangs':
                    await asyncio.sleep(3600)
                if name == 'drops':
                    server.transport.abort()
                envelope.rcpt_tos.append(address)
                return '250 OK'
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly int _port = Here.FreePort();
    private ChildProcess? _server;

    public override IReadOnlyList<string> BadAddresses =>
    [
        "", "anna", "anna@", "@example.org", "Anna <anna@example.org>", "anna@example.org, eve@example.org", "anna@example.org\r\nBcc: eve@example.org", "a b@example.org",
        new string('a', 300) + "@example.org",
    ];

    public override async ValueTask InitializeAsync()
    {
        File.WriteAllText(_folder["peer.py"], Handler);
        _server = new ChildProcess(new(Service.Require("aiosmtpd", "python3-aiosmtpd"), ["-n", "-l", $"127.0.0.1:{_port}", "-c", "peer.Peer", _folder["mail"]])
        {
            Environment = { ["PYTHONPATH"] = _folder.Path },
        });
        await _server.UntilAsync("aiosmtpd", async () =>
        {
            using var client = new System.Net.Sockets.TcpClient();
            await client.ConnectAsync("127.0.0.1", _port, Cancellation);
            return true;
        }, TimeSpan.FromSeconds(30));
    }

    public override async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder.Dispose();
    }

    internal override (IChannel Channel, string Address) At(Peer peer) => (
        new EmailChannel(new SmtpOptions("127.0.0.1", peer is Peer.Away ? Here.FreePort() : _port, IsTls: false, "facility@example.org")),
        $"{peer.ToString().ToLowerInvariant()}@example.org");

    internal override Taken? Arrived(string id)
    {
        var mail = Mails().FirstOrDefault(m => m.MessageId == $"{id}@example.org");
        if (mail is null)
        {
            return null;
        }

        // Whoever is addressed is all who are, and no header came in by the text.
        Assert.Equal(("well@example.org", "facility@example.org"), (Assert.Single(mail.To.Mailboxes).Address, Assert.Single(mail.From.Mailboxes).Address));
        Assert.Equal((0, 0, "auto-generated"), (mail.Cc.Count, mail.Bcc.Count, mail.Headers["Auto-Submitted"]));
        var text = mail.TextBody!.ReplaceLineEndings("\n").TrimEnd('\n');
        var at = text.LastIndexOf("\n\n", StringComparison.Ordinal);
        return new Taken(mail.Subject!, text[..at], text[(at + 2)..], mail.Priority == MessagePriority.Urgent);
    }

    [Fact]
    public void Without_a_mail_server_an_address_is_refused_and_it_says_what_to_give() =>
        Assert.Contains("--smtp", new EmailChannel(null).Refusal("anna@example.org"), StringComparison.Ordinal);

    [Fact]
    public async Task A_mail_server_elsewhere_that_offers_no_encryption_gets_nothing()
    {
        // By a name that is not this machine's own, though it leads here.
        var channel = new EmailChannel(new SmtpOptions(System.Net.Dns.GetHostName(), _port, IsTls: true, "facility@example.org"));
        var message = Message("well@example.org");
        Assert.Equal(SendOutcome.Failed, (await channel.SendAsync(message, Cancellation)).Outcome);
        Assert.Null(Arrived(message.Id));
    }

    private IEnumerable<MimeMessage> Mails() => Directory.Exists(_folder["mail/new"]) ? Directory.EnumerateFiles(_folder["mail/new"]).Select(f => MimeMessage.Load(f)).ToArray() : [];
}
