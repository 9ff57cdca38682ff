using Facility.Domain.Devices;
using Facility.Server.Ports;
using MQTTnet;

namespace Facility.Server.Adapters.Broker;

/// <summary>
/// Puts a device out of a broker of one's own: whoever connects by a client id ends the connection that has it (MQTT 5, section
/// 3.1.4), so the server does, says nothing, and leaves. The device is back unless the broker has read the list of revoked certificates.
/// </summary>
/// <remarks>
/// Needs a listener at which the server may choose its client id; at the devices' own, mosquitto's <c>use_username_as_clientid</c> makes
/// the id the certificate's, so that no device can do this to another.
/// </remarks>
internal sealed class TakenOver(BrokerOptions broker, TimeProvider time) : IBrokerDoor
{
    public bool KnowsCertificates => false;

    public async Task CutAsync(string device, CancellationToken cancellation)
    {
        foreach (var id in new[] { device, TopicRights.ClientIdOf(device) })
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10), time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
            using var client = new MqttClientFactory().CreateMqttClient();
            await client.ConnectAsync(
                new MqttClientOptionsBuilder().WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).Reaching(broker).WithClientId(id).WithCleanStart().Build(), either.Token);
            await client.TryDisconnectAsync();
        }
    }
}
