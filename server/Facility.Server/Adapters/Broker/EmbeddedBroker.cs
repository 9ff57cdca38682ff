using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Facility.Contracts.Mqtt;
using Facility.Domain.Devices;
using Facility.Server.Adapters.Devices;
using Facility.Server.Devices;
using Facility.Server.Ports;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Facility.Server.Adapters.Broker;

/// <summary>
/// A broker within the server: in the clear on loopback for programs of this machine, and over TLS for devices that joined. Sessions
/// are in memory only; what it forgets the acknowledgements of the contract make good.
/// </summary>
/// <remarks>
/// Who may do what is <see cref="TopicRights"/>. What is refused is answered with a reason code and the connection stays; a connection that
/// sends too much or too slowly is ended (<see cref="GuardedListener"/>). Disposing it stops it.
/// </remarks>
public sealed class EmbeddedBroker : IBrokerDoor, IAsyncDisposable
{
    /// <summary>The largest payload it passes on; larger ones are dropped with a reason code, and the connection stays.</summary>
    public const int MostPayloadBytes = 2 * 1024 * 1024;

    private const int MostPendingPerClient = 20_000;
    private const int MostSessions = 2000;
    private const int MostSubscriptions = 32;

    private readonly BrokerListening options;
    private readonly BrokerOptions own;
    private readonly DeviceAuthority authority;
    private readonly DeviceRegister register;
    private readonly TopicRights rights;
    private readonly BrokerRefusals refusals;
    private readonly TimeProvider time;
    private readonly GuardedListener[] listeners;
    private readonly ConcurrentDictionary<string, bool> sessions = new(StringComparer.Ordinal);
    private SslStreamCertificateContext? certificate;
    private DateTimeOffset renewAt;
    private MqttServer? server;

    /// <param name="own">How this server comes to it: by a password of this process.</param>
    internal EmbeddedBroker(
        BrokerListening options, BrokerOptions own, Topics topics, DeviceAuthority authority, DeviceRegister register, BrokerRefusals refusals, TimeProvider time,
        ILogger<EmbeddedBroker> logger, GuardPatience? patience = null)
    {
        (this.options, this.own, this.authority, this.register, this.refusals, this.time) = (options, own, authority, register, refusals, time);
        rights = new TopicRights(topics, register.HasJoined);
        var plain = new ListeningPlace(new IPEndPoint(IPAddress.Loopback, options.Port), null, _ => null, MostStrangersOfOne: 256);
        listeners =
        [
            new GuardedListener(plain, patience ?? GuardPatience.Usual, time, logger),
            .. options.TlsPort is { } port
                ? [new GuardedListener(new ListeningPlace(new IPEndPoint(options.TlsAddress, port), Own, Recognise), patience ?? GuardPatience.Usual, time, logger)]
                : Array.Empty<GuardedListener>(),
        ];
    }

    public bool KnowsCertificates => true;

    /// <exception cref="BrokerException">A port is in use.</exception>
    public async Task StartAsync()
    {
        var settings = new MqttServerOptionsBuilder()
            .WithoutDefaultEndpoint()
            .WithPersistentSessions()
            .WithMaxPendingMessagesPerClient(MostPendingPerClient)
            .Build();
        server = new MqttServerFactory().CreateMqttServer(settings, listeners);
        server.ValidatingConnectionAsync += ValidateAsync;
        server.InterceptingPublishAsync += PublishAsync;
        server.InterceptingSubscriptionAsync += SubscribeAsync;
        server.SessionDeletedAsync += e =>
        {
            sessions.TryRemove(e.Id, out _);
            return Task.CompletedTask;
        };
        try
        {
            await server.StartAsync();
        }
        catch (Exception e) when (e is SocketException or AggregateException or IOException)
        {
            server.Dispose();
            server = null;
            throw new BrokerException(
                $"The embedded broker cannot listen on port {options.Port}{(options.TlsPort is { } tls ? $" and {tls}" : "")}: {e.GetBaseException().Message}. Stop what uses it, give another port with --mqtt-port, or use that broker with --broker mqtt://localhost:{options.Port}.", e);
        }
    }

    public Task CutAsync(string device, CancellationToken cancellation)
    {
        foreach (var connection in listeners.SelectMany(l => l.Connections).Where(c => c.Visitor.Device == device && c.Visitor.Serial is { } serial && register.IsRevokedSerial(serial)))
        {
            connection.Dispose();
        }

        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.StopAsync(new MqttServerStopOptions());
            server.Dispose();
            server = null;
        }
    }

    // Made anew when a third of its life is left.
    private SslStreamCertificateContext Own()
    {
        var now = time.GetUtcNow();
        if (certificate is null || now >= renewAt)
        {
            var made = authority.ForBroker(options.Names, now);
            certificate = SslStreamCertificateContext.Create(made, null, offline: true);
            renewAt = now + ((made.NotAfter.ToUniversalTime() - now.UtcDateTime) * 2 / 3);
        }

        return certificate;
    }

    private Visitor? Recognise(X509Certificate2 shown) =>
        authority.Recognise(shown, time.GetUtcNow()) is { } who && !register.IsRevokedSerial(who.Serial!) && !register.IsRevoked(who.Device!) ? who : null;

    private async Task ValidateAsync(ValidatingConnectionEventArgs e)
    {
        var (channel, id) = (GuardedListener.Now!, e.ClientId);
        var isServer = channel.Visitor.Kind == VisitorKind.Local && e.UserName == own.User && e.Password == own.Password;
        var who = isServer ? new Visitor(VisitorKind.Server) : channel.Visitor;
        if (channel.Visitor.Kind == VisitorKind.Local && e.UserName is not null && !isServer)
        {
            e.ReasonCode = MqttConnectReasonCode.BadUserNameOrPassword;
        }
        else if (string.IsNullOrEmpty(id) ? who.Kind == VisitorKind.Device : id.Length > 128 || !rights.MayBeCalled(who, id, own.ClientId))
        {
            refusals.Note(who, $"client id {id}", "it is another's");
            e.ReasonCode = MqttConnectReasonCode.ClientIdentifierNotValid;
        }
        else if (!sessions.ContainsKey(id ?? "") && sessions.Count >= MostSessions && !await MakeRoomAsync())
        {
            e.ReasonCode = MqttConnectReasonCode.QuotaExceeded;
        }
        else
        {
            sessions.TryAdd(string.IsNullOrEmpty(id) ? e.AssignedClientIdentifier ?? "" : id, true);
            channel.LetIn(id ?? "", isServer);
        }
    }

    // Of sessions whose client is away, all but the server's are forgotten.
    private async Task<bool> MakeRoomAsync()
    {
        var here = listeners.SelectMany(l => l.Connections).Select(c => c.ClientId).ToHashSet();
        foreach (var session in (await server!.GetSessionsAsync()).Where(s => !here.Contains(s.Id) && !s.Id.StartsWith(own.ClientId, StringComparison.Ordinal)))
        {
            await session.DeleteAsync();
            sessions.TryRemove(session.Id, out _);
        }

        return sessions.Count < MostSessions;
    }

    private Task PublishAsync(InterceptingPublishEventArgs e)
    {
        // A message that the broker itself sends has no connection.
        if (GuardedListener.Now is not { } channel)
        {
            return Task.CompletedTask;
        }

        if (!rights.MayPublish(channel.Who, e.ApplicationMessage.Topic))
        {
            e.ProcessPublish = false;
            e.Response.ReasonCode = MqttPubAckReasonCode.NotAuthorized;
            refusals.Note(channel.Who, e.ApplicationMessage.Topic, "it may not write this topic");
        }
        else if (e.ApplicationMessage.Payload.Length > MostPayloadBytes)
        {
            e.ProcessPublish = false;
            e.Response.ReasonCode = MqttPubAckReasonCode.QuotaExceeded;
            refusals.Note(channel.Who, e.ApplicationMessage.Topic, $"a payload of {e.ApplicationMessage.Payload.Length} bytes");
        }

        return Task.CompletedTask;
    }

    private Task SubscribeAsync(InterceptingSubscriptionEventArgs e)
    {
        if (GuardedListener.Now is not { } channel)
        {
            return Task.CompletedTask;
        }

        if (!rights.MayRead(channel.Who, e.TopicFilter.Topic))
        {
            e.ProcessSubscription = false;
            e.Response.ReasonCode = MqttSubscribeReasonCode.NotAuthorized;
            refusals.Note(channel.Who, e.TopicFilter.Topic, "it may not read this topic");
        }
        else if (channel.Who.Kind != VisitorKind.Server && ++channel.Subscriptions > MostSubscriptions)
        {
            e.ProcessSubscription = false;
            e.Response.ReasonCode = MqttSubscribeReasonCode.QuotaExceeded;
        }

        return Task.CompletedTask;
    }
}
