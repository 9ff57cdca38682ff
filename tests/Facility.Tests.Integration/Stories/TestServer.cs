using System.Buffers;
using System.Text.Json;
using Facility.Contracts.Mqtt;
using MQTTnet;
using MQTTnet.Protocol;

namespace Facility.Tests.Integration.Stories;

/// <summary>The server's side of MQTT, by hand: keeps all that a device sends, and answers only what a test tells it.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private const string Site = "ratelaar";
    private const string Device = "ratelaar-01";
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly Topics _topics = new();
    private readonly Lock _lock = new();
    private readonly List<Received> _batches = [];
    private readonly List<(DeviceStatus Status, bool Retained)> _statuses = [];

    /// <param name="Raw">Each event, byte for byte.</param>
    internal sealed record Received(bool Urgent, EventBatch Batch, IReadOnlyList<string> Raw);

    /// <summary>Acknowledge every batch as it comes.</summary>
    public bool AcknowledgeAll { get; set; }

    public byte[]? Discovery { get; private set; }

    public IReadOnlyList<(DeviceStatus Status, bool Retained)> Statuses => Locked(() => _statuses.ToArray());

    public DeviceStatus? Status => Locked(() => _statuses.LastOrDefault().Status);

    /// <summary>The batches of one stream's topic, in order of arrival.</summary>
    public IReadOnlyList<Received> Batches(bool urgent) => Locked(() => _batches.Where(b => b.Urgent == urgent).ToArray());

    /// <summary>The events of one topic as a server would take them: each number once, only in order.</summary>
    public IReadOnlyList<DeviceEvent> InOrder(bool urgent)
    {
        var taken = new List<DeviceEvent>();
        foreach (var e in Batches(urgent).SelectMany(b => b.Batch.Events))
        {
            if (e.Seq == taken.Count + 1)
            {
                taken.Add(e);
            }
        }

        return taken;
    }

    public Guid Stream(bool urgent) => Batches(urgent)[^1].Batch.Stream;

    public void Forget() => Locked(() =>
    {
        _batches.Clear();
        return true;
    });

    public static async Task<TestServer> ConnectAsync(int port, bool acknowledgeAll = false)
    {
        var it = new TestServer { AcknowledgeAll = acknowledgeAll };
        it._client.ApplicationMessageReceivedAsync += it.ReceiveAsync;
        await it.ConnectAgainAsync(port);
        return it;
    }

    public async Task ConnectAgainAsync(int port)
    {
        await _client.ConnectAsync(new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", port).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).Build());
        foreach (var topic in (string[])["urgent", "events", "status"])
        {
            await _client.SubscribeAsync($"{_topics.Prefix}/{Site}/{Device}/{topic}", MqttQualityOfServiceLevel.AtLeastOnce);
        }

        await _client.SubscribeAsync(Topics.Discovery(Device), MqttQualityOfServiceLevel.AtLeastOnce);
    }

    public Task AcknowledgeAsync(Guid stream, long seq) => PublishAsync(_topics.Ack(Site, Device, stream), WireCodec.Write(new Ack(stream, seq)), retain: true);

    /// <summary>Takes away what is retained for a stream.</summary>
    public Task RetireAsync(Guid stream) => PublishAsync(_topics.Ack(Site, Device, stream), [], retain: true);

    public Task RefuseAsync(Guid stream, long seq) => PublishAsync(
        _topics.Command(Site, Device), WireCodec.Write(new DeviceCommand(DeviceCommand.Refused, stream, seq, "tooLarge")), retain: false);

    /// <summary>Sends a command as it is, right or not.</summary>
    public Task CommandAsync(string payload, bool retain = false) =>
        PublishAsync(_topics.Command(Site, Device), System.Text.Encoding.UTF8.GetBytes(payload), retain);

    public async ValueTask DisposeAsync()
    {
        if (_client.IsConnected)
        {
            await _client.DisconnectAsync();
        }

        _client.Dispose();
    }

    private Task PublishAsync(string topic, byte[] payload, bool retain) => _client.PublishAsync(new MqttApplicationMessageBuilder()
        .WithTopic(topic).WithPayload(payload).WithRetainFlag(retain).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());

    private Task ReceiveAsync(MqttApplicationMessageReceivedEventArgs e)
    {
        var payload = e.ApplicationMessage.Payload.ToArray();
        if (e.ApplicationMessage.Topic == Topics.Discovery(Device))
        {
            Discovery = payload;
            return Task.CompletedTask;
        }

        var kind = _topics.Parse(e.ApplicationMessage.Topic)?.Kind;
        if (kind == TopicKind.Status)
        {
            Locked(() =>
            {
                _statuses.Add((WireCodec.ReadStatus(payload)!, e.ApplicationMessage.Retain));
                return true;
            });
            return Task.CompletedTask;
        }

        var batch = BatchReader.Read(payload).Batch ?? throw new FormatException(System.Text.Encoding.UTF8.GetString(payload));
        using var document = JsonDocument.Parse(payload);
        string[] raw = [.. document.RootElement.GetProperty("events").EnumerateArray().Select(x => x.GetRawText())];
        Locked(() =>
        {
            _batches.Add(new Received(kind == TopicKind.Urgent, batch, raw));
            return true;
        });

        // Not awaited: its PUBACK comes in through this same handler.
        if (AcknowledgeAll)
        {
            _ = AcknowledgeAsync(batch.Stream, batch.Last);
        }

        return Task.CompletedTask;
    }

    private T Locked<T>(Func<T> use)
    {
        lock (_lock)
        {
            return use();
        }
    }
}
