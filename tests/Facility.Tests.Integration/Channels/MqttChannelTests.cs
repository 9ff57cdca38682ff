using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using Facility.Server.Adapters.Channels;
using Facility.Server.Ports;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;
using MQTTnet;
using MQTTnet.Protocol;

namespace Facility.Tests.Integration.Channels;

/// <summary>MQTT at a real mosquitto with the access list of an installation; a lamp of anna listens.</summary>
public sealed class MqttChannelTests : ChannelContract
{
    private readonly SilentPeer _hangs = new(drops: false);
    private readonly SilentPeer _drops = new(drops: true);
    private readonly IMqttClient _lamp = new MqttClientFactory().CreateMqttClient();
    private readonly ConcurrentQueue<(JsonElement Json, MqttApplicationMessage Message)> _taken = new();
    private Mosquitto? _broker;

    public override IReadOnlyList<string> BadAddresses =>
    [
        "", "facility/piket/#", "facility/+/anna", "$SYS/piket", "$share/a/b", "/facility/piket", "facility/piket/", "facility//anna", "facility/v1", "facility/v1/ratelaar/ratelaar-01/command",
        "facility/piket/an\0na", "facility/piket/an\r\nna", "facility/ /anna", "facility/\ud83d", new string('a', 201),
    ];

    public override async ValueTask InitializeAsync()
    {
        _broker = await Mosquitto.StartAsync(settings: $"acl_file {Path.Combine(RunningProgram.Root, "deploy/broker/acl")}\n");
        _lamp.ApplicationMessageReceivedAsync += e =>
        {
            _taken.Enqueue((JsonSerializer.Deserialize<JsonElement>(e.ApplicationMessage.Payload.ToArray()), e.ApplicationMessage));
            return Task.CompletedTask;
        };
        await _lamp.ConnectAsync(
            new MqttClientOptionsBuilder().WithTcpServer(Mosquitto.Host, _broker.Port).WithCredentials("anna", "").WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).Build(), Cancellation);
        await _lamp.SubscribeAsync("facility/piket/anna", MqttQualityOfServiceLevel.AtLeastOnce, Cancellation);
    }

    public override async ValueTask DisposeAsync()
    {
        _lamp.Dispose();
        if (_broker is not null)
        {
            await _broker.DisposeAsync();
        }

        await _hangs.DisposeAsync();
        await _drops.DisposeAsync();
    }

    internal override (IChannel Channel, string Address) At(Peer peer) => (
        Channel(peer switch { Peer.Hangs => _hangs.Port, Peer.Drops => _drops.Port, Peer.Away => Here.FreePort(), _ => _broker!.Port }),
        peer switch { Peer.Busy => "facility/piket/nobody-listens", Peer.Gone => "elsewhere/anna", _ => "facility/piket/anna" });

    internal override Taken? Arrived(string id)
    {
        var (json, message) = _taken.FirstOrDefault(t => t.Json.GetProperty("id").GetString() == id);
        if (message is null)
        {
            return null;
        }

        Assert.Equal((MqttQualityOfServiceLevel.AtLeastOnce, false), (message.QualityOfServiceLevel, message.Retain));
        return new Taken(json.GetProperty("title").GetString()!, json.GetProperty("text").GetString()!, json.GetProperty("link").GetString(), json.GetProperty("urgent").GetBoolean());
    }

    [Fact]
    public void Without_a_broker_an_address_is_refused_and_it_says_what_to_give() =>
        Assert.Contains("--broker", new MqttChannel(null, "facility/v1").Refusal("facility/piket/anna"), StringComparison.Ordinal);

    private static MqttChannel Channel(int port) => new(new BrokerOptions(Mosquitto.Host, port, User: "facility-server", Password: ""), "facility/v1");
}
