using System.Diagnostics;
using Facility.Edge.Configuration;
using Facility.Edge.Uplink;
using MQTTnet;

namespace Facility.Edge.Check;

/// <summary>Connects to the broker as this device does, by TLS and its name, says nothing, and leaves. An agent that runs keeps its own connection.</summary>
internal sealed class BrokerProbe(EdgeConfig config, TimeProvider time)
{
    public async Task<CheckedBroker> TryAsync(CancellationToken cancel)
    {
        BrokerAccess? access = null;
        try
        {
            access = new BrokerAccess(config.Broker, time);
            using var client = new MqttClientFactory().CreateMqttClient();
            var began = Stopwatch.GetTimestamp();
            var result = await access.ConnectAsync(client, access.Options($"facility-{config.Device}-check"), cancel).ConfigureAwait(false);
            if (result.ResultCode != MqttClientConnectResultCode.Success)
            {
                return new CheckedBroker(false, $"refused this device: {result.ResultCode} {result.ReasonString}".TrimEnd());
            }

            var took = Stopwatch.GetElapsedTime(began);
            await client.DisconnectAsync(new MqttClientDisconnectOptions(), cancel).ConfigureAwait(false);
            var how = (config.Broker.IsSecure ? ", its certificate is right" : ", without TLS") + (config.Broker.CertificateFile is null ? "" : ", ours is accepted");
            return new CheckedBroker(true, $"connected in {took.TotalMilliseconds:0} ms{how}{(access.Expiry is { } expiry ? ". " + expiry : "")}");
        }
        // MQTTnet's, a socket's, TLS's or a file's: what the broker's row is for.
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            return new CheckedBroker(false, "not reached: " + (access?.Explain(e) ?? e.Message));
        }
        finally
        {
            access?.Dispose();
        }
    }
}
