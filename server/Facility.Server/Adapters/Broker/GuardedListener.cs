using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Facility.Domain.Devices;
using MQTTnet.Adapter;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Server;

namespace Facility.Server.Adapters.Broker;

/// <summary>Where the embedded broker listens, how many it takes there, and who a certificate is for.</summary>
/// <param name="Own">The broker's certificate, asked for at each connection; null: in the clear.</param>
/// <param name="Recognise">Who a certificate is for; null when it is not to be let in.</param>
/// <param name="Most">Connections at once.</param>
/// <param name="MostStrangers">Of them, those that have not said who they are.</param>
/// <param name="MostStrangersOfOne">Of those, from one address.</param>
internal sealed record ListeningPlace(
    IPEndPoint At, Func<SslStreamCertificateContext>? Own, Func<X509Certificate2, Visitor?> Recognise, int Most = 1000, int MostStrangers = 256, int MostStrangersOfOne = 64);

/// <summary>
/// One listener of the embedded broker, in place of MQTTnet's own, which has no limits before a CONNECT: a connection too many is closed
/// at once, and each second those are ended that keep us waiting.
/// </summary>
internal sealed class GuardedListener(ListeningPlace listening, GuardPatience patience, TimeProvider time, ILogger logger) : IMqttServerAdapter
{
    /// <summary>Bytes of a CONNECT, with its Will.</summary>
    private const int MostBefore = 16 * 1024;

    private const int MostPacket = EmbeddedBroker.MostPayloadBytes + 1024;
    private static readonly AsyncLocal<GuardedChannel?> Current = new();

    private readonly ConcurrentDictionary<GuardedChannel, IPAddress> connections = [];
    private readonly ConcurrentDictionary<IPAddress, int> handshakes = [];
    private readonly CancellationTokenSource stopped = new();
    private Socket? socket;
    private ITimer? sweep;
    private int open;
    private long refused;

    /// <summary>The connection whose packet is being handled.</summary>
    public static GuardedChannel? Now => Current.Value;

    public Func<IMqttChannelAdapter, Task>? ClientHandler { get; set; }

    public IEnumerable<GuardedChannel> Connections => connections.Keys;

    /// <summary>Connections closed at once for being too many.</summary>
    public long Refused => Interlocked.Read(ref refused);

    public Task StartAsync(MqttServerOptions options, IMqttNetLogger mqttLogger)
    {
        socket = new Socket(listening.At.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        if (listening.At.Address.Equals(IPAddress.IPv6Any))
        {
            socket.DualMode = true;
        }

        socket.Bind(listening.At);
        socket.Listen(512);
        sweep = time.CreateTimer(_ => Sweep(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        _ = Task.Run(() => AcceptAsync(socket, mqttLogger), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync()
    {
        await stopped.CancelAsync();
        socket?.Dispose();
        if (sweep is not null)
        {
            await sweep.DisposeAsync();
        }

        foreach (var connection in connections.Keys)
        {
            connection.Dispose();
        }
    }

    public void Dispose()
    {
        socket?.Dispose();
        sweep?.Dispose();
        stopped.Dispose();
    }

    /// <summary>Ends those that keep us waiting.</summary>
    private void Sweep()
    {
        foreach (var connection in connections.Keys)
        {
            if (connection.Overdue(patience) is { } why)
            {
                logger.LogDebug("A connection of {Remote} is ended: {Why}", connection.RemoteEndPoint, why);
                connection.Dispose();
            }
        }
    }

    private async Task AcceptAsync(Socket listener, IMqttNetLogger mqttLogger)
    {
        while (!stopped.IsCancellationRequested)
        {
            try
            {
                var accepted = await listener.AcceptAsync(stopped.Token);
                var address = ((IPEndPoint)accepted.RemoteEndPoint!).Address;
                if (!MayCome(address))
                {
                    Interlocked.Increment(ref refused);
                    accepted.Close(0);
                    continue;
                }

                Interlocked.Increment(ref open);
                handshakes.AddOrUpdate(address, 1, (_, n) => n + 1);
                _ = Task.Run(() => ServeAsync(accepted, address, mqttLogger), CancellationToken.None);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException e)
            {
                // Out of descriptors, or a connection that was gone before we took it: a breath, and on.
                logger.LogDebug(e, "A connection was not taken");
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }

    private bool MayCome(IPAddress address)
    {
        // All that have not said who they are: in the handshake, or past it.
        var strangers = connections.Where(c => !c.Key.IsLetIn).Select(c => c.Value).ToList();
        var shaking = handshakes.Values.Sum();
        return Volatile.Read(ref open) < listening.Most
            && strangers.Count + shaking < listening.MostStrangers
            && strangers.Count(a => a.Equals(address)) + handshakes.GetValueOrDefault(address) < listening.MostStrangersOfOne;
    }

    private async Task ServeAsync(Socket accepted, IPAddress address, IMqttNetLogger mqttLogger)
    {
        GuardedChannel? channel = null;
        try
        {
            try
            {
                accepted.NoDelay = true;
                channel = await EnterAsync(accepted);
            }
            finally
            {
                // Counted among the connections from now on.
                if (channel is not null)
                {
                    connections[channel] = address;
                }

                if (handshakes.AddOrUpdate(address, 0, (_, n) => n - 1) == 0)
                {
                    handshakes.TryRemove(new KeyValuePair<IPAddress, int>(address, 0));
                }
            }

            Current.Value = channel;
            using var adapter = new MqttChannelAdapter(channel, new MqttPacketFormatterAdapter(new MqttBufferWriter(4096, 64 * 1024)), mqttLogger);
            await ClientHandler!(adapter);
        }
        catch (Exception e) when (e is IOException or AuthenticationException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            logger.LogDebug("A connection of {Remote} ended: {Why}", address, e.Message);
        }
#pragma warning disable CA1031 // One connection's end is nobody else's.
        catch (Exception e)
#pragma warning restore CA1031
        {
            logger.LogWarning(e, "A connection of {Remote} failed", address);
        }
        finally
        {
            if (channel is not null)
            {
                connections.TryRemove(channel, out _);
                channel.Dispose();
                channel.ClientCertificate?.Dispose();
            }

            accepted.Dispose();
            Interlocked.Decrement(ref open);
        }
    }

    private async Task<GuardedChannel> EnterAsync(Socket accepted)
    {
        Stream stream = new NetworkStream(accepted, ownsSocket: true);
        var (visitor, certificate) = (new Visitor(VisitorKind.Local), (X509Certificate2?)null);
        if (listening.Own is { } own)
        {
            var tls = new SslStream(stream, leaveInnerStreamOpen: false);
            stream = tls;
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopped.Token);
            limit.CancelAfter(patience.ToComeIn);
            try
            {
                await tls.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = own(),
                        ClientCertificateRequired = true,
                        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,

                        // A resumed session would come past what was revoked since.
                        AllowTlsResume = false,
                        RemoteCertificateValidationCallback = (_, shown, _, _) =>
                        {
                            if (shown is not X509Certificate2 theirs || listening.Recognise(theirs) is not { } who)
                            {
                                return false;
                            }

                            (visitor, certificate) = (who, X509CertificateLoader.LoadCertificate(theirs.RawDataMemory.Span));
                            return true;
                        },
                    },
                    limit.Token);
            }
            catch
            {
                certificate?.Dispose();
                await tls.DisposeAsync();
                throw;
            }
        }

        return new GuardedChannel(stream, accepted.RemoteEndPoint!, accepted.LocalEndPoint!, visitor, certificate, new PacketGate(MostBefore, MostPacket), time);
    }
}
