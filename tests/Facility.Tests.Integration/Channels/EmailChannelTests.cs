using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
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
        import asyncio, base64
        from aiosmtpd.handlers import Mailbox
        from aiosmtpd.smtp import AuthResult

        class Peer(Mailbox):
            async def auth_PLAIN(self, server, args):
                return AuthResult(success=base64.b64decode(args[1]) == b'\0facility\0geheim', handled=False)

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
        _server = await StartAsync("127.0.0.1", _port);
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
    public async Task A_mail_server_that_is_not_known_to_be_this_machine_and_offers_no_encryption_gets_nothing()
    {
        var own = NetworkInterface.GetAllNetworkInterfaces().SelectMany(n => n.GetIPProperties().UnicastAddresses).Select(a => a.Address)
            .FirstOrDefault(a => a.AddressFamily is AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));
        Assert.SkipWhen(own is null, "This machine has no address but loopback: a mail server elsewhere cannot be tried.");
        var port = Here.FreePort();
        await using var server = await StartAsync($"{own}", port);
        var message = Message("well@example.org");
        var answer = await new EmailChannel(new SmtpOptions($"{own}", port, false, "facility@example.org")).SendAsync(message, Cancellation);
        Assert.Equal(SendOutcome.Failed, answer.Outcome);
        Assert.Contains("STARTTLS", answer.Detail, StringComparison.Ordinal);
        Assert.Null(Arrived(message.Id));
    }

    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("0.0.0.0", false)]
    [InlineData("no.such.host.invalid", false)]
    public async Task A_mail_server_that_is_none_is_a_failure_and_no_exception(string host, bool isTls)
    {
        var message = Message("well@example.org");
        Assert.Equal(SendOutcome.Failed, (await new EmailChannel(new SmtpOptions(host, _port, isTls, "facility@example.org")).SendAsync(message, Cancellation)).Outcome);
        Assert.Null(Arrived(message.Id));
    }

    [Fact]
    public async Task A_mail_server_whose_certificate_nobody_trusts_gets_nothing()
    {
        var (port, server) = await StartEncryptedAsync();
        await using var _ = server;
        var message = Message("well@example.org");
        Assert.Equal(SendOutcome.Failed, (await new EmailChannel(new SmtpOptions("localhost", port, false, "facility@example.org")).SendAsync(message, Cancellation)).Outcome);
        Assert.Null(Arrived(message.Id));
    }

    [Theory]
    [InlineData("geheim", "Anna by email: Sent, OK")]
    [InlineData("verkeerd", "Anna by email: Refused, localhost does not let the server in: 535")]
    public async Task The_program_encrypts_and_says_who_it_is_to_a_mail_server_that_asks(string password, string said)
    {
        var (port, server) = await StartEncryptedAsync();
        await using var _ = server;
        File.WriteAllText(_folder["password"], password + "\n");
        File.WriteAllText(_folder["on-call.json"], """
            {
              "people": [{ "id": "anna", "name": "Anna", "channels": [{ "kind": "email", "address": "well@example.org" }] }],
              "rosters": [],
              "policies": [{ "severity": "urgent", "steps": [{ "notify": ["everybody"] }] }, { "severity": "normal", "steps": [{ "notify": ["everybody"] }] }]
            }
            """);
        await using var watch = RunningProgram.ServerWith(
            new Dictionary<string, string> { ["SSL_CERT_FILE"] = _folder["ca.crt"] }, "watch", "--listen", $"http://127.0.0.1:{Here.FreePort()}", "--file", _folder["on-call.json"],
            "--after", "0.1", "--notify", "everybody", "--smtp", $"smtp://facility@localhost:{port}", "--smtp-password-file", _folder["password"], "--mail-from", "facility@example.org");
        await watch.UntilOutputAsync(said, TimeSpan.FromSeconds(60));
        Assert.Equal(password == "geheim" ? ["Facility zwijgt: alarmen komen niet meer door"] : [], Mails().Select(m => m.Subject));
        Assert.DoesNotContain(password, watch.Output, StringComparison.Ordinal);
        Assert.Equal(0, await watch.StopAsync());
    }

    // It takes mail only encrypted, and offers AUTH then.
    private async Task<(int Port, ChildProcess Server)> StartEncryptedAsync()
    {
        using var authority = new TestAuthority("mail authority");
        authority.Write(_folder["ca.crt"]);
        authority.Sign(_folder["localhost"], "localhost");
        var port = Here.FreePort();
        return (port, await StartAsync("127.0.0.1", port, "--tlscert", _folder["localhost.crt"], "--tlskey", _folder["localhost.key"]));
    }

    private async Task<ChildProcess> StartAsync(string host, int port, params string[] more)
    {
        var server = new ChildProcess(new(Service.Require("aiosmtpd", "python3-aiosmtpd"), ["-n", "-l", $"{host}:{port}", .. more, "-c", "peer.Peer", _folder["mail"]])
        {
            Environment = { ["PYTHONPATH"] = _folder.Path },
        });
        await server.UntilAsync("aiosmtpd", async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync(host, port, Cancellation);
            return true;
        }, TimeSpan.FromSeconds(30));
        return server;
    }

    private IEnumerable<MimeMessage> Mails() => Directory.Exists(_folder["mail/new"]) ? Directory.EnumerateFiles(_folder["mail/new"]).Select(f => MimeMessage.Load(f)).ToArray() : [];
}
