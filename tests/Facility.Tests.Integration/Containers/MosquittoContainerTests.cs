using System.Text;
using Facility.Tests.Integration.Services;
using MQTTnet;
using MQTTnet.Protocol;

namespace Facility.Tests.Integration.Containers;

/// <summary>Mosquitto in a container does what the contract leans on: QoS 1, and a retained message for who comes later.</summary>
[Trait("length", "long")]
public sealed class MosquittoContainerTests
{
    // The official image listens on its loopback only, unless it is told otherwise.
    private static readonly byte[] Configuration = Encoding.UTF8.GetBytes("listener 1883\nallow_anonymous true\nset_tcp_nodelay true\n");

    [Fact]
    public async Task A_retained_acknowledgement_reaches_a_device_that_subscribes_later()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var container = await DockerEngine.RunAsync(
            "mosquitto", "eclipse-mosquitto:2", 1883, builder => builder.WithResourceMapping(Configuration, "/mosquitto/config/mosquitto.conf"));
        var options = new MqttClientOptionsBuilder().WithTcpServer(container.Hostname, container.GetMappedPublicPort(1883)).Build();
        using var server = new MqttClientFactory().CreateMqttClient();
        await Until.TrueAsync("mosquitto in its container answers", () => ConnectAsync(server, options), TimeSpan.FromSeconds(60));
        await server.PublishStringAsync(
            "facility/v1/ratelaar/ratelaar-01/ack/s", "{\"seq\":103}", MqttQualityOfServiceLevel.AtLeastOnce, retain: true, cancellation);

        using var device = new MqttClientFactory().CreateMqttClient();
        var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        device.ApplicationMessageReceivedAsync += message =>
        {
            received.TrySetResult(message.ApplicationMessage.ConvertPayloadToString());
            return Task.CompletedTask;
        };
        await device.ConnectAsync(options, cancellation);
        await device.SubscribeAsync("facility/v1/ratelaar/ratelaar-01/ack/+", MqttQualityOfServiceLevel.AtLeastOnce, cancellation);
        Assert.Equal("{\"seq\":103}", await received.Task.WaitAsync(TimeSpan.FromSeconds(20), cancellation));
    }

    private static async Task<bool> ConnectAsync(IMqttClient client, MqttClientOptions options)
    {
        try
        {
            return (await client.ConnectAsync(options)).ResultCode == MqttClientConnectResultCode.Success;
        }
        catch (MQTTnet.Exceptions.MqttCommunicationException)
        {
            return false;
        }
    }
}
