using System.Buffers;
using System.Net.Sockets;
using Facility.Contracts.Mqtt;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Facility.Server.Adapters;

/// <summary>The server's connections to the broker: each publishes the acknowledgements, then subscribes, then hands on what comes.</summary>
/// <remarks>
/// Two, so that urgent events, status and acknowledgements never stand in line behind a backlog of ordinary events. A device's stream
/// comes by one of them, in order. A lost connection is tried again for ever, after 0.25 s to 10 s with jitter; logged when it goes and
/// when it is back.
/// </remarks>
public sealed class MqttListener(
    BrokerOptions options, Topics topics, IngestionPipeline pipeline, DeviceDirectory devices, DeviceOutbox outbox, IJournalCounts journal,
    ServerHealth health, ILogger<MqttListener> logger) : BackgroundService
{
    private const int AtOnce = 100;
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SessionKept = TimeSpan.FromDays(7);

    // Streams of the journal when the first connection was last made.
    private volatile HashSet<(string Site, string Device, Guid Stream)> known = [];

    // What is the matter with each connection; null for nothing.
    private readonly string?[] troubles = ["not connected yet", "not connected yet"];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var (events, rest) = (topics.Events("+", "+"), new[] { topics.Status("+", "+"), topics.Urgent("+", "+") });
        await Task.WhenAll(
            FollowAsync(new Feed(0, options.ClientId, [events], rest, Publishes: false), stoppingToken),
            FollowAsync(new Feed(1, options.ClientId + "-urgent", rest, [events], Publishes: true), stoppingToken));
    }

    private async Task FollowAsync(Feed feed, CancellationToken stoppingToken)
    {
        using var client = new MqttClientFactory().CreateMqttClient(new BufferedAdapters());
        client.ApplicationMessageReceivedAsync += e => ReceiveAsync(e, stoppingToken);
        var backoff = TimeSpan.FromMilliseconds(250);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await SessionAsync(client, feed, () => backoff = TimeSpan.FromMilliseconds(250), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever ends a connection, the next one is tried.
            catch (Exception e)
#pragma warning restore CA1031
            {
                var message = $"The broker {options} is not connected: {e.GetBaseException().Message}";
                if (troubles[feed.Index] != message)
                {
                    logger.LogWarning("{Message} Trying again; devices keep their events.", message);
                }

                Tell(feed, message);
            }

            await Task.Delay(backoff * (0.5 + Random.Shared.NextDouble()), stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            backoff = backoff * 2 < LongestBackoff ? backoff * 2 : LongestBackoff;
        }

        await LeaveAsync(client);
    }

    private async Task SessionAsync(IMqttClient client, Feed feed, Action connected, CancellationToken stopping)
    {
        using var session = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Func<MqttClientDisconnectedEventArgs, Task> ended = _ => session.CancelAsync();
        client.DisconnectedAsync += ended;
        try
        {
            var result = await ConnectAsync(client, feed, session.Token);
            if (result.ResultCode != MqttClientConnectResultCode.Success)
            {
                throw new MqttCommunicationException($"it refuses the server: {result.ResultCode} {result.ReasonString}");
            }

            // Before subscribing, so that no device sends what is known already (contract, section 2.2).
            await PublishAsync(client, [.. journal.Streams().Select(s => new PendingAck(s.Site, s.Device, s.Stream, s.Acknowledged))], [], session.Token);
            if (!feed.Publishes)
            {
                await AskWhatWasAcknowledgedAsync(client, session.Token);
            }

            await SubscribeAsync(client, feed, result.IsSessionPresent, session.Token);
            connected();
            Tell(feed, null);
            logger.LogInformation("Connected to the broker {Broker} as {ClientId}", options, feed.ClientId);
            if (!feed.Publishes)
            {
                await Task.Delay(Timeout.Infinite, session.Token);
            }

            // While the broker answers one portion the next is written: an acknowledgement waits for no other's.
            var (older, newer) = (Task.CompletedTask, Task.CompletedTask);
            while (true)
            {
                var (acks, commands) = await outbox.TakeAsync(session.Token);
                await older;
                (older, newer) = (newer, PublishAsync(client, acks, commands, session.Token));
                if (acks.Count + commands.Count > AtOnce)
                {
                    // It goes in parts: the next portion must not overtake the last of them.
                    await newer;
                }
            }
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            throw new MqttCommunicationException("the connection was lost");
        }
        finally
        {
            client.DisconnectedAsync -= ended;

            // A connection on which something else failed would refuse the next one.
            if (client.IsConnected && !stopping.IsCancellationRequested)
            {
                await LeaveAsync(client);
            }
        }
    }

    // The client has no limit of its own where it can be cancelled: a broker that takes the connection and then says nothing.
    private async Task<MqttClientConnectResult> ConnectAsync(IMqttClient client, Feed feed, CancellationToken session)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(session);
        patience.CancelAfter(ConnectWithin);
        try
        {
            return await client.ConnectAsync(ConnectOptions(feed), patience.Token);
        }
        catch (Exception) when (patience.IsCancellationRequested && !session.IsCancellationRequested)
        {
            throw new MqttCommunicationException($"it took the connection and said nothing for {ConnectWithin.TotalSeconds} s");
        }
    }

    // The broker may keep acknowledgements of streams that this journal does not know, since it was put back to an older copy. A device
    // that has nothing new to send would trust them for ever: it is told that there is nothing (see Unknown).
    private async Task AskWhatWasAcknowledgedAsync(IMqttClient client, CancellationToken cancellation)
    {
        known = [.. journal.Streams().Select(s => (s.Site, s.Device, s.Stream))];
        var all = $"{topics.Prefix}/+/+/ack/+";
        await client.SubscribeAsync(all, MqttQualityOfServiceLevel.AtLeastOnce, cancellation);
        await client.UnsubscribeAsync(all, cancellation);
    }

    private bool Unknown(string site, string device, Guid stream) => !known.Contains((site, device, stream))
        && !journal.Streams().Any(s => (s.Site, s.Device, s.Stream) == (site, device, stream));

    private MqttClientOptions ConnectOptions(Feed feed)
    {
        var builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500)
            .WithTcpServer(options.Host, options.Port)
            .WithClientId(feed.ClientId)
            .WithCleanStart(false)
            .WithSessionExpiryInterval((uint)SessionKept.TotalSeconds)
            .WithReceiveMaximum(2000)
            .WithKeepAlivePeriod(TimeSpan.FromSeconds(15))
            .WithTimeout(TimeSpan.FromSeconds(10));
        if (options.Tls is { } tls)
        {
            builder.WithTlsOptions(tls.Apply);
        }

        return (options.User is null ? builder : builder.WithCredentials(options.User, options.Password ?? "")).Build();
    }

    private static async Task SubscribeAsync(IMqttClient client, Feed feed, bool sessionKept, CancellationToken cancellation)
    {
        foreach (var filter in sessionKept ? feed.Others : [])
        {
            // An earlier version had one connection for all: what it subscribed to is in the session.
            await client.UnsubscribeAsync(filter, cancellation);
        }

        var subscribe = new MqttClientSubscribeOptionsBuilder();
        foreach (var filter in feed.Filters)
        {
            subscribe.WithTopicFilter(filter, MqttQualityOfServiceLevel.AtLeastOnce);
        }

        var result = await client.SubscribeAsync(subscribe.Build(), cancellation);
        if (result.Items.FirstOrDefault(i => (int)i.ResultCode >= 0x80) is { } refused)
        {
            throw new MqttCommunicationException($"it refuses the subscription {refused.TopicFilter.Topic}: {refused.ResultCode}");
        }
    }

    // Never throws: the client would only log it, and the message would stay unacknowledged for good.
    private async Task ReceiveAsync(MqttApplicationMessageReceivedEventArgs e, CancellationToken stopping)
    {
        e.AutoAcknowledge = false;
        try
        {
            var message = e.ApplicationMessage;
            if (message.Retain && topics.Parse(message.Topic) is { Stream: { } stream } told
                && WireCodec.ReadAck(message.Payload.ToArray()) is { Seq: > 0 } && Unknown(told.Site, told.Device, stream))
            {
                outbox.Acknowledge(told.Site, told.Device, stream, 0);
            }

            if (topics.Parse(message.Topic) is not { Kind: TopicKind.Urgent or TopicKind.Events or TopicKind.Status } topic)
            {
                await e.AcknowledgeAsync(stopping);
                return;
            }

            if (topic.Kind != TopicKind.Status)
            {
                if (!message.Retain)
                {
                    devices.Heard(topic.Site, topic.Device);
                }

                var isUrgent = topic.Kind == TopicKind.Urgent;
                await pipeline.OfferAsync(topic.Site, topic.Device, message.Payload.ToArray(), () => e.AcknowledgeAsync(stopping), stopping, isUrgent);
                return;
            }

            if (WireCodec.ReadStatus(message.Payload.ToArray()) is { } status)
            {
                devices.Told(topic.Site, topic.Device, status, message.Retain);
            }

            await e.AcknowledgeAsync(stopping);
        }
#pragma warning disable CA1031
        catch (Exception error)
#pragma warning restore CA1031
        {
            logger.LogDebug(error, "A message of {Topic} was not taken; the broker sends it again", e.ApplicationMessage.Topic);
        }
    }

    private async Task PublishAsync(
        IMqttClient client, IReadOnlyList<PendingAck> acks, IReadOnlyList<PendingCommand> commands, CancellationToken cancellation)
    {
        var messages = acks.Select(a => Message(
                topics.Ack(a.Site, a.Device, a.Stream), a.Seq is { } seq ? WireCodec.Write(new Ack(a.Stream, seq)) : [], retain: true))
            .Concat(commands.Select(c => Message(topics.Command(c.Site, c.Device), WireCodec.Write(c.Command), retain: false)));
        foreach (var some in messages.Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(m => client.PublishAsync(m, cancellation)));
        }
    }

    private static MqttApplicationMessage Message(string topic, byte[] payload, bool retain) => new MqttApplicationMessageBuilder()
        .WithTopic(topic)
        .WithPayload(payload)
        .WithRetainFlag(retain)
        .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
        .Build();

    private void Tell(Feed feed, string? trouble)
    {
        lock (troubles)
        {
            troubles[feed.Index] = trouble;
            health.Broker = troubles.FirstOrDefault(t => t is not null);
        }
    }

    private static async Task LeaveAsync(IMqttClient client)
    {
        try
        {
            await client.DisconnectAsync(new MqttClientDisconnectOptions { SessionExpiryInterval = (uint)SessionKept.TotalSeconds });
        }
        catch (Exception e) when (e is MqttCommunicationException or MqttClientNotConnectedException or SocketException or InvalidOperationException)
        {
            // Not connected any more.
        }
    }

    /// <summary>One connection: what it subscribes to, what is the other's, and whether it publishes what the outbox holds.</summary>
    private sealed record Feed(int Index, string ClientId, string[] Filters, string[] Others, bool Publishes);
}
