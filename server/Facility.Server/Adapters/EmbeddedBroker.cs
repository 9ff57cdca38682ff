using System.Net;
using System.Net.Sockets;
using Facility.Server.Ports;
using MQTTnet.Protocol;
using MQTTnet.Server;

namespace Facility.Server.Adapters;
/// <summary>
/// A broker within the server, for trying and testing: loopback only, no accounts, sessions in memory only. What it
/// forgets the acknowledgements of the contract make good.
/// </summary>
public sealed class EmbeddedBroker(int port) : IAsyncDisposable
{
    /// <summary>The largest payload it passes on; larger ones are dropped with a reason code, and the connection stays.</summary>
    public const int MostPayloadBytes = 2 * 1024 * 1024;

    private const int MostPendingPerClient = 20_000;
    private MqttServer? server;

    public int Port => port;

    /// <exception cref="BrokerException">The port is in use.</exception>
    public async Task StartAsync()
    {
        var options = new MqttServerOptionsBuilder()
            .WithDefaultEndpoint()
            .WithDefaultEndpointBoundIPAddress(IPAddress.Loopback)
            .WithDefaultEndpointBoundIPV6Address(IPAddress.None)
            .WithDefaultEndpointPort(port)
            .WithPersistentSessions()
            .WithMaxPendingMessagesPerClient(MostPendingPerClient)
            .Build();
        options.DefaultEndpointOptions.ReuseAddress = false;
        server = new MqttServerFactory().CreateMqttServer(options);
        server.InterceptingPublishAsync += Guard;
        try
        {
            await server.StartAsync();
        }
        catch (Exception e) when (e is SocketException or AggregateException or IOException)
        {
            server.Dispose();
            server = null;
            throw new BrokerException(
                $"The embedded broker cannot listen on port {port}: {e.GetBaseException().Message}. Stop what uses it, give another port with --mqtt-port, or use that broker with --broker mqtt://localhost:{port}.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.StopAsync(new MqttServerStopOptions());
            server.Dispose();
            server = null;
        }
    }

    private static Task Guard(InterceptingPublishEventArgs e)
    {
        if (e.ApplicationMessage.Payload.Length > MostPayloadBytes)
        {
            e.ProcessPublish = false;
            e.Response.ReasonCode = MqttPubAckReasonCode.QuotaExceeded;
        }

        return Task.CompletedTask;
    }
}
