using System.Threading.Channels;
using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Edge.Configuration;
using Facility.Edge.Joining;
using Facility.Edge.Pipeline;
using Facility.Edge.Ports;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Protocol;

namespace Facility.Edge.Uplink;

/// <summary>
/// The connection to the broker (contract, section 2): status with Will, acknowledgements in, batches out. One loop per
/// connection owns both streams; a lost connection is tried again with jitter, and told once.
/// </summary>
internal sealed class MqttUplink : IDisposable
{
    private static readonly TimeSpan WaitForAcks = TimeSpan.FromSeconds(2);
    private const int OrdinarySpare = 4;
    private const int MostReasons = 16;

    private readonly EdgeConfig _config;
    private readonly Topics _topics;
    private readonly SensorPipeline _pipeline;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly string _software;
    private readonly StreamUplink _urgent;
    private readonly StreamUplink _ordinary;
    private readonly Inbox _inbox;
    private readonly CertificateKeeper _keeper;
    private readonly Signal _wake = new();
    private readonly Alarm _alarm;
    private readonly IOutbox _outbox;
    private readonly HashSet<string> _told = [];
    private bool _started;
    private int _unconfirmed;

    public MqttUplink(EdgeConfig config, IOutbox outbox, SensorPipeline pipeline, IEdgeClock clock, Commands commands, TimeProvider time, ILogger<MqttUplink> log)
    {
        (_config, _outbox, _pipeline, _time, _log) = (config, outbox, pipeline, time, log);
        _topics = new Topics(config.TopicPrefix);
        _software = typeof(MqttUplink).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
        _urgent = new StreamUplink(StreamKind.Urgent, outbox, clock, log);
        _ordinary = new StreamUplink(StreamKind.Ordinary, outbox, clock, log);
        _keeper = new CertificateKeeper(config, time, log);
        _inbox = new Inbox(config, _urgent, _ordinary, commands, _keeper, log);
        _alarm = new Alarm(_wake, time);
        outbox.Written += _wake.Set;
    }

    private TimeSpan Now => _time.GetElapsedTime(0);

    public void Dispose()
    {
        _outbox.Written -= _wake.Set;
        _alarm.Dispose();
        _keeper.Dispose();
    }

    public Task RunAsync(CancellationToken cancel) =>
        new Reconnect(_time, Random.Shared.NextDouble).RunAsync(ConnectAsync, Ended, cancel);

    private void Ended(Exception? e)
    {
        if (e is not null || !_keeper.IsRenewed)
        {
            Tell(e?.Message ?? "the connection ended");
        }
    }

    private async Task ConnectAsync(CancellationToken cancel)
    {
        using var access = new BrokerAccess(_config.Broker, _time);
        using var client = new MqttClientFactory().CreateMqttClient();
        try
        {
            await ServeAsync(client, access, cancel).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            throw new IOException(access.Explain(e), e);
        }
    }

    // Each reason once while there is no connection: a week without one must not fill the card with the same line.
    private void Tell(string why)
    {
        if (_told.Count < MostReasons && _told.Add(why))
        {
            _log.LogWarning("No connection to {Url}: {Why}. Trying again; events are kept", _config.Broker.Url, why);
        }
    }

    private async Task ServeAsync(IMqttClient client, BrokerAccess access, CancellationToken cancel)
    {
        var session = Guid.NewGuid();
        var inbox = Channel.CreateBounded<MqttApplicationMessage>(256);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        client.ApplicationMessageReceivedAsync += async e =>
        {
            await inbox.Writer.WriteAsync(e.ApplicationMessage, ended.Token).ConfigureAwait(false);
            _wake.Set();
        };
        client.DisconnectedAsync += _ =>
        {
            inbox.Writer.TryComplete();
            _wake.Set();
            return Task.CompletedTask;
        };
        var result = await access.ConnectAsync(client, Options(access, session), cancel).ConfigureAwait(false);
        if (result.ResultCode != MqttClientConnectResultCode.Success)
        {
            throw new IOException($"the broker refused: {result.ResultCode} {result.ReasonString}");
        }

        access.Answered();
        _told.Clear();
        _log.LogInformation("Connected to {Url} as {Site}/{Device}", _config.Broker.Url, _config.Site, _config.Device);
        if (access.Expiry is { } expiry)
        {
            _log.LogWarning("{Expiry}", expiry);
        }

        // Together: that it is there is told without waiting for an answer.
        await Task.WhenAll(SubscribeAsync(client, cancel), TellStatusAsync(client, session, cancel)).ConfigureAwait(false);
        await DiscoverAsync(client, [], cancel).ConfigureAwait(false);
        await RenewAsync(client, _keeper.Connected(), cancel).ConfigureAwait(false);
        await RenewAsync(client, _keeper.Look(), cancel).ConfigureAwait(false);
        try
        {
            await LoopAsync(client, inbox.Reader, session, result.ReceiveMaximum is > 0 and var most ? most : ushort.MaxValue, cancel).ConfigureAwait(false);
        }
        finally
        {
            await ended.CancelAsync().ConfigureAwait(false);
            if (cancel.IsCancellationRequested && client.IsConnected)
            {
                await SayGoodbyeAsync(client, session).ConfigureAwait(false);
            }
            else if (client.IsConnected)
            {
                await client.TryDisconnectAsync().ConfigureAwait(false);
            }
        }
    }

    // Its own discovery too, as it is before it is written: what it says and is no more must be taken away.
    private async Task SubscribeAsync(IMqttClient client, CancellationToken cancel)
    {
        var (site, device) = (_config.Site, _config.Device);
        var result = await client.SubscribeAsync(
            new MqttClientSubscribeOptionsBuilder()
                .WithTopicFilter($"{_topics.Prefix}/{site}/{device}/ack/+", MqttQualityOfServiceLevel.AtLeastOnce)
                .WithTopicFilter(_topics.Command(site, device), MqttQualityOfServiceLevel.AtLeastOnce)
                .WithTopicFilter(f => f.WithTopic(Topics.Discovery(device)).WithAtLeastOnceQoS().WithNoLocal())
                .Build(),
            cancel).ConfigureAwait(false);
        foreach (var refused in result.Items.Where(item => item.ResultCode > MqttClientSubscribeResultCode.GrantedQoS2))
        {
            _log.LogWarning("The broker does not let this device read {Topic}: {Reason}", refused.TopicFilter.Topic, refused.ResultCode);
        }
    }

    private Task DiscoverAsync(IMqttClient client, IReadOnlyList<Discovery.Gone> gone, CancellationToken cancel) =>
        PublishAsync(client, Topics.Discovery(_config.Device), Discovery.Write(_config, _software, gone), retain: true, cancel);

    private Task RenewAsync(IMqttClient client, byte[]? said, CancellationToken cancel) =>
        said is null ? Task.CompletedTask : PublishAsync(client, _topics.Renewal(_config.Site, _config.Device), said, retain: false, cancel);

    private Task TellStatusAsync(IMqttClient client, Guid session, CancellationToken cancel)
    {
        var status = new DeviceStatus(DeviceStatus.Online, session, _time.GetUtcNow(), _software, _pipeline.Levels);
        return PublishAsync(client, _topics.Status(_config.Site, _config.Device), WireCodec.Write(status), retain: true, cancel);
    }

    private async Task LoopAsync(IMqttClient client, ChannelReader<MqttApplicationMessage> inbox, Guid session, int mayBeUnconfirmed, CancellationToken cancel)
    {
        var waitUntil = Now + WaitForAcks;
        var statusAt = Now + Limits.StatusInterval;
        using var stopped = cancel.Register(_wake.Set);
        _urgent.Connected(Now);
        _ordinary.Connected(Now);
        while (client.IsConnected && !_keeper.IsRenewed)
        {
            // In this order: a stop that is asked for in between sets the signal again.
            _wake.Clear();
            cancel.ThrowIfCancellationRequested();
            while (inbox.TryRead(out var message))
            {
                var gone = _inbox.Take(message, Now);
                if (gone.Count > 0)
                {
                    await DiscoverAsync(client, gone, cancel).ConfigureAwait(false);
                }
            }

            if (Now >= statusAt)
            {
                statusAt = Now + Limits.StatusInterval;
                await TellStatusAsync(client, session, cancel).ConfigureAwait(false);
                await RenewAsync(client, _keeper.Look(), cancel).ConfigureAwait(false);
            }

            _started |= Now >= waitUntil || (_urgent.IsReady && _ordinary.IsReady);
            if (_started)
            {
                // The urgent stream goes first, and keeps some of the broker's receive maximum to itself.
                Send(client, _urgent, _topics.Urgent(_config.Site, _config.Device), Math.Max(1, mayBeUnconfirmed - 1), cancel);
                Send(client, _ordinary, _topics.Events(_config.Site, _config.Device), Math.Max(1, mayBeUnconfirmed - OrdinarySpare), cancel);
            }

            TimeSpan[] wakeAt = [statusAt, _started ? statusAt : waitUntil, _urgent.WakeAt ?? statusAt, _ordinary.WakeAt ?? statusAt];
            var pause = wakeAt.Min() - Now;
            _alarm.Within(pause > TimeSpan.Zero ? pause : TimeSpan.FromMilliseconds(1));
            await _wake.WaitAsync().ConfigureAwait(false);
        }
    }

    private void Send(IMqttClient client, StreamUplink stream, string topic, int mayBeUnconfirmed, CancellationToken cancel)
    {
        while (Volatile.Read(ref _unconfirmed) < mayBeUnconfirmed && stream.Next(Now) is { } batch)
        {
            Interlocked.Increment(ref _unconfirmed);
            _ = ConfirmAsync(client, topic, batch, cancel);
        }
    }

    // Not awaited by the loop: a PUBACK only makes room, it says nothing of the server.
    private async Task ConfirmAsync(IMqttClient client, string topic, byte[] batch, CancellationToken cancel)
    {
        try
        {
            await PublishAsync(client, topic, batch, retain: false, cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The connection ended, or will: the loop sends it again on the next.
            _log.LogDebug("A batch was not confirmed: {Why}", e.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _unconfirmed);
            _wake.Set();
        }
    }

    private async Task PublishAsync(IMqttClient client, string topic, byte[] payload, bool retain, CancellationToken cancel)
    {
        var message = new MqttApplicationMessageBuilder()
            .WithTopic(topic).WithPayload(payload).WithRetainFlag(retain).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        var result = await client.PublishAsync(message, cancel).ConfigureAwait(false);
        if (!result.IsSuccess)
        {
            _log.LogWarning("The broker did not take a message on {Topic}: {Reason}", topic, result.ReasonCode);
        }
    }

    private async Task SayGoodbyeAsync(IMqttClient client, Guid session)
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            var offline = WireCodec.Write(new DeviceStatus(DeviceStatus.Offline, session));
            await PublishAsync(client, _topics.Status(_config.Site, _config.Device), offline, retain: true, soon.Token).ConfigureAwait(false);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), soon.Token).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The Will says the same.
            _log.LogDebug("No goodbye: {Why}", e.Message);
        }
    }

    private MqttClientOptionsBuilder Options(BrokerAccess access, Guid session) => access.Options($"facility-{_config.Device}")
        .WithWillTopic(_topics.Status(_config.Site, _config.Device))
        .WithWillPayload(WireCodec.Write(new DeviceStatus(DeviceStatus.Offline, session)))
        .WithWillRetain()
        .WithWillQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce);
}
