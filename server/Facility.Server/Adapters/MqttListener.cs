using System.Buffers;
using Facility.Contracts.Mqtt;
using Facility.Server.Devices;
using Facility.Server.Pipeline;
using Facility.Server.Ports;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Facility.Server.Adapters;

/// <summary>The server's connections to the broker: all acknowledgements are published, then each subscribes and hands on what comes.</summary>
/// <remarks>
/// Two, so that urgent events, status and acknowledgements never stand in line behind a backlog of ordinary events. A device's stream
/// comes by one of them, in order. The urgent one alone publishes: of two an older acknowledgement could come last, and stay. A lost
/// connection is tried again for ever, after 0.25 s to 10 s with jitter; logged when it goes and when it is back.
/// </remarks>
public sealed class MqttListener(
    BrokerOptions options, Topics topics, IngestionPipeline pipeline, DeviceDirectory devices, DeviceOutbox outbox, DeviceRegister register, Renewals renewals,
    IJournalCounts journal, ServerHealth health, ServerCounters counters, TimeProvider time, ILogger<MqttListener> logger) : BackgroundService
{
    private const int AtOnce = 100;
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(10);

    // Streams of the journal when the first connection was last made.
    private volatile HashSet<(string Site, string Device, Guid Stream)> known = [];

    // Completes when the connection that publishes has told all acknowledgements; of its next one that is to be waited for again.
    private volatile TaskCompletionSource told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MqttClientPublishReasonCode denied;

    // What is the matter with each connection; null for nothing.
    private readonly string?[] troubles = ["not connected yet", "not connected yet"];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var (events, rest) = (topics.Events("+", "+"), new[] { topics.Status("+", "+"), topics.Urgent("+", "+") });
        await Task.WhenAll(
            FollowAsync(new MqttFeed(0, options.ClientId, [events], rest, Publishes: false), stoppingToken),
            FollowAsync(new MqttFeed(1, options.ClientId + "-urgent", rest, [events], Publishes: true), stoppingToken));
    }

    private async Task FollowAsync(MqttFeed feed, CancellationToken stoppingToken)
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

        await MqttFeed.LeaveAsync(client);
    }

    private async Task SessionAsync(IMqttClient client, MqttFeed feed, Action connected, CancellationToken stopping)
    {
        using var session = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        Func<MqttClientDisconnectedEventArgs, Task> ended = _ => session.CancelAsync();
        client.DisconnectedAsync += ended;
        try
        {
            var result = await feed.ConnectAsync(client, options, time, session.Token);
            if (result.ResultCode != MqttClientConnectResultCode.Success)
            {
                throw new MqttCommunicationException($"it refuses the server: {result.ResultCode} {result.ReasonString}");
            }

            // Before subscribing, so that no device sends what is known already (contract, section 2.2).
            if (feed.Publishes)
            {
                await PublishAsync(client, [.. journal.Streams().Select(s => new PendingAck(s.Site, s.Device, s.Stream, s.Acknowledged))], [], session.Token);
                told.TrySetResult();
            }
            else
            {
                await told.Task.WaitAsync(session.Token);
                await AskWhatWasAcknowledgedAsync(client, session.Token);
            }

            await feed.SubscribeAsync(client, result.IsSessionPresent, session.Token);
            if (feed.Publishes && (await client.SubscribeAsync(topics.Renewal("+", "+"), MqttQualityOfServiceLevel.AtLeastOnce, session.Token)).Items.Any(i => (int)i.ResultCode >= 0x80))
            {
                logger.LogWarning("The broker {Broker} refuses the server {Topic}: devices cannot renew their certificates", options, topics.Renewal("+", "+"));
            }

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
            if (feed.Publishes)
            {
                (told, denied) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), default);
            }

            // A connection on which something else failed would refuse the next one.
            if (client.IsConnected && !stopping.IsCancellationRequested)
            {
                await MqttFeed.LeaveAsync(client);
            }
        }
    }

    // The broker may keep acknowledgements of streams that this journal does not know, since it was put back to an older copy. A device
    // that has nothing new to send would trust them for ever: it is told that there is nothing (see Unknown).
    private async Task AskWhatWasAcknowledgedAsync(IMqttClient client, CancellationToken cancellation)
    {
        known = [.. journal.Streams().Select(s => (s.Site, s.Device, s.Stream))];
        var all = topics.Ack("+", "+", "+");
        await client.SubscribeAsync(all, MqttQualityOfServiceLevel.AtLeastOnce, cancellation);
        await client.UnsubscribeAsync(all, cancellation);
    }

    private bool Unknown(string site, string device, Guid stream) => !known.Contains((site, device, stream))
        && !journal.Streams().Any(s => (s.Site, s.Device, s.Stream) == (site, device, stream));

    // Never throws: the client would only log it, and the message would stay unacknowledged for good.
    private async Task ReceiveAsync(MqttApplicationMessageReceivedEventArgs e, CancellationToken stopping)
    {
        e.AutoAcknowledge = false;
        try
        {
            var (message, topic) = (e.ApplicationMessage, topics.Parse(e.ApplicationMessage.Topic));
            if (topic is { } of && register.IsRevoked(of.Device))
            {
                // Its broker may not have put it out yet. It is told nothing.
                counters.OfRevoked();
                await e.AcknowledgeAsync(stopping);
                return;
            }

            if (topic is { Kind: TopicKind.Urgent or TopicKind.Events } from)
            {
                if (!message.Retain)
                {
                    devices.Heard(from.Site, from.Device);
                }

                await pipeline.OfferAsync(
                    from.Site, from.Device, message.Payload.ToArray(), () => e.AcknowledgeAsync(stopping), stopping, from.Kind == TopicKind.Urgent);
                return;
            }

            if (topic is { Kind: TopicKind.Status } told && WireCodec.ReadStatus(message.Payload.ToArray()) is { } status)
            {
                devices.Told(told.Site, told.Device, status, message.Retain);
            }
            else if (topic is { Kind: TopicKind.Renewal } asked && !message.Retain)
            {
                renewals.Take(asked.Site, asked.Device, message.Payload.ToArray());
            }
            else if (message.Retain && topic is { Stream: { } stream } kept
                && WireCodec.ReadAck(message.Payload.ToArray()) is { Seq: > 0 } && Unknown(kept.Site, kept.Device, stream))
            {
                outbox.Acknowledge(kept.Site, kept.Device, stream, 0);
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
            var answers = await Task.WhenAll(some.Select(m => client.PublishAsync(m, cancellation)));
            for (var i = 0; i < answers.Length; i++)
            {
                if (!answers[i].IsSuccess)
                {
                    Denied(some[i].Topic, answers[i].ReasonCode);
                }
            }
        }
    }

    private void Denied(string topic, MqttClientPublishReasonCode reason)
    {
        counters.PublishDenied();
        if (denied != reason)
        {
            denied = reason;
            logger.LogError(
                "The broker {Broker} refuses to publish {Topic}: {Reason}. Devices are not told what is on disk, and keep sending it. Allow the server {Acks} and {Commands} there.",
                options, topic, reason, topics.Ack("+", "+", "+"), topics.Command("+", "+"));
        }
    }

    private static MqttApplicationMessage Message(string topic, byte[] payload, bool retain) => new MqttApplicationMessageBuilder()
        .WithTopic(topic)
        .WithPayload(payload)
        .WithRetainFlag(retain)
        .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
        .Build();

    private void Tell(MqttFeed feed, string? trouble)
    {
        lock (troubles)
        {
            troubles[feed.Index] = trouble;
            health.Broker = troubles.FirstOrDefault(t => t is not null);
        }
    }
}
