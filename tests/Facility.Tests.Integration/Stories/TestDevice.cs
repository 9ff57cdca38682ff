using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using Facility.Contracts.Mqtt;
using MQTTnet;
using MQTTnet.Protocol;

namespace Facility.Tests.Integration.Stories;

/// <summary>A device that sends what a test tells it, byte for byte, and keeps what the server answers.</summary>
internal sealed class TestDevice : IAsyncDisposable
{
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly string _site;
    private readonly string _device;
    private readonly Topics _topics = new();
    private readonly ConcurrentQueue<Ack> _acks = new();
    private readonly ConcurrentQueue<DeviceCommand> _commands = new();

    private TestDevice(string site, string device) => (_site, _device) = (site, device);

    public Guid Stream { get; } = Guid.NewGuid();

    public IReadOnlyCollection<DeviceCommand> Commands => _commands;

    /// <summary>All acknowledgements that came, in order.</summary>
    public IReadOnlyCollection<Ack> Acks => _acks;

    public long Acknowledged(Guid? stream = null) => _acks.LastOrDefault(a => a.Stream == (stream ?? Stream))?.Seq ?? 0;

    public static async Task<TestDevice> ConnectAsync(int port, string site, string device)
    {
        var it = new TestDevice(site, device);
        it._client.ApplicationMessageReceivedAsync += message =>
        {
            var payload = message.ApplicationMessage.Payload.ToArray();
            switch (it._topics.Parse(message.ApplicationMessage.Topic)?.Kind)
            {
                case TopicKind.Ack when WireCodec.ReadAck(payload) is { } ack:
                    it._acks.Enqueue(ack);
                    break;
                case TopicKind.Command when WireCodec.ReadCommand(payload) is { } command:
                    it._commands.Enqueue(command);
                    break;
            }

            return Task.CompletedTask;
        };
        await it._client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).Build());
        await it._client.SubscribeAsync($"{it._topics.Prefix}/{site}/{device}/ack/+", MqttQualityOfServiceLevel.AtLeastOnce);
        await it._client.SubscribeAsync(it._topics.Command(site, device), MqttQualityOfServiceLevel.AtLeastOnce);
        return it;
    }

    public Task SendAsync(byte[] payload, bool urgent = false) => _client.PublishAsync(new MqttApplicationMessageBuilder()
        .WithTopic(urgent ? _topics.Urgent(_site, _device) : _topics.Events(_site, _device))
        .WithPayload(payload).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());

    public Task SendAsync(string payload) => SendAsync(Encoding.UTF8.GetBytes(payload));

    /// <summary>Its own status, or the Will of one of its connections.</summary>
    public Task TellAsync(string state, Guid session) => _client.PublishAsync(new MqttApplicationMessageBuilder()
        .WithTopic(_topics.Status(_site, _device)).WithRetainFlag().WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
        .WithPayload($$"""{"v":1,"state":"{{state}}","session":"{{session}}","at":"{{Now}}","software":"1.0.0","sensors":[]}""").Build());

    /// <summary>A readable batch of this device's stream; each event is given as JSON without its seq.</summary>
    public Task SendAsync(long first, params IEnumerable<string> events) => SendAsync(Batch(first, events));

    public string Batch(long first, params IEnumerable<string> events) =>
        $$"""{"v":1,"stream":"{{Stream}}","oldest":1,"sentAt":"{{Now}}","clockSynced":true,"events":[{{string.Join(',', events.Select((e, i) => $$"""{"seq":{{first + i}},{{e}}}"""))}}]}""";

    public static string Event(string sensor, string kind, string value) => $"\"at\":\"{Now}\",\"sensor\":\"{sensor}\",\"kind\":\"{kind}\",\"value\":{value}";

    private static string Now => Facility.Contracts.Rfc3339.Format(DateTimeOffset.UtcNow);

    public async ValueTask DisposeAsync()
    {
        if (_client.IsConnected)
        {
            await _client.DisconnectAsync();
        }

        _client.Dispose();
    }
}
