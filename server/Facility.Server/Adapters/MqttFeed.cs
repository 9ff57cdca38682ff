using System.Net.Sockets;
using Facility.Server.Adapters.Broker;
using Facility.Server.Ports;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Protocol;

namespace Facility.Server.Adapters;

/// <summary>One connection of <see cref="MqttListener"/>: who it is, what it subscribes to, what is the other's, and whether it publishes what the outbox holds.</summary>
internal sealed record MqttFeed(int Index, string ClientId, string[] Filters, string[] Others, bool Publishes)
{
    /// <summary>Larger than any batch may be, so that one that is too large is refused and its device told; a broker keeps what is larger still to itself.</summary>
    private const uint LargestPacket = EmbeddedBroker.MostPayloadBytes + 1024;

    private static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SessionKept = TimeSpan.FromDays(7);

    /// <exception cref="MqttCommunicationException">The broker took the connection and said nothing: the client has no limit of its own where it can be cancelled.</exception>
    public async Task<MqttClientConnectResult> ConnectAsync(IMqttClient client, BrokerOptions options, TimeProvider time, CancellationToken session)
    {
        using var limit = new CancellationTokenSource(ConnectWithin, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(session, limit.Token);
        try
        {
            return await client.ConnectAsync(Options(options), patience.Token);
        }
        catch (Exception) when (patience.IsCancellationRequested && !session.IsCancellationRequested)
        {
            throw new MqttCommunicationException($"it took the connection and said nothing for {ConnectWithin.TotalSeconds} s");
        }
    }

    /// <exception cref="MqttCommunicationException">The broker refuses.</exception>
    public async Task SubscribeAsync(IMqttClient client, bool sessionKept, CancellationToken cancellation)
    {
        foreach (var filter in sessionKept ? Others : [])
        {
            // An earlier version had one connection for all: what it subscribed to is in the session.
            await client.UnsubscribeAsync(filter, cancellation);
        }

        var subscribe = new MqttClientSubscribeOptionsBuilder();
        foreach (var filter in Filters)
        {
            subscribe.WithTopicFilter(filter, MqttQualityOfServiceLevel.AtLeastOnce);
        }

        var result = await client.SubscribeAsync(subscribe.Build(), cancellation);
        if (result.Items.FirstOrDefault(i => (int)i.ResultCode >= 0x80) is { } refused)
        {
            throw new MqttCommunicationException($"it refuses the subscription {refused.TopicFilter.Topic}: {refused.ResultCode}");
        }
    }

    public static async Task LeaveAsync(IMqttClient client)
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

    private MqttClientOptions Options(BrokerOptions options) => new MqttClientOptionsBuilder()
        .WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500)
        .Reaching(options)
        .WithClientId(ClientId)
        .WithCleanStart(false)
        .WithSessionExpiryInterval((uint)SessionKept.TotalSeconds)
        .WithReceiveMaximum(2000)
        .WithMaximumPacketSize(LargestPacket)
        .WithKeepAlivePeriod(TimeSpan.FromSeconds(15))
        .WithTimeout(ConnectWithin)
        .Build();
}
