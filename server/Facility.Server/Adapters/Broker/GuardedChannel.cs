using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Facility.Domain.Devices;
using MQTTnet.Channel;

namespace Facility.Server.Adapters.Broker;

/// <summary>What a connection may take before it is ended.</summary>
/// <param name="ToComeIn">From its first byte to the CONNECT that the broker takes, with TLS.</param>
/// <param name="ForAPacket">From the first byte of a packet to its last; also for one write of ours.</param>
/// <param name="Silence">Without any byte, where it asked for no shorter keep-alive.</param>
internal sealed record GuardPatience(TimeSpan ToComeIn, TimeSpan ForAPacket, TimeSpan Silence)
{
    public static readonly GuardPatience Usual = new(TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));
}

/// <summary>One connection to the embedded broker: reads through a small buffer, shows all to its <see cref="PacketGate"/>, and knows since when it waits.</summary>
internal sealed class GuardedChannel(Stream stream, EndPoint remote, EndPoint local, Visitor visitor, X509Certificate2? certificate, PacketGate gate, TimeProvider time) : IMqttChannel
{
    private readonly byte[] _input = new byte[4096];
    private readonly long _began = time.GetTimestamp();
    private int _from, _to;
    private long _heard = time.GetTimestamp();
    private long _packetBegan;
    private long _writeBegan;
    private int _ended;

    /// <summary>Whose certificate it showed.</summary>
    public Visitor Visitor { get; } = visitor;

    /// <summary>Who it turned out to be.</summary>
    public Visitor Who { get; private set; } = visitor;

    /// <summary>Topics it subscribed to.</summary>
    public int Subscriptions { get; set; }

    public string ClientId { get; private set; } = "";

    /// <summary>The broker took its CONNECT.</summary>
    public bool IsLetIn => gate.IsLetIn;

    public X509Certificate2? ClientCertificate => certificate;

    public EndPoint RemoteEndPoint => remote;

    public EndPoint LocalEndPoint => local;

    public bool IsSecureConnection => certificate is not null;

    public void LetIn(string clientId, bool isServer)
    {
        (ClientId, Who) = (clientId, isServer ? new Visitor(VisitorKind.Server) : Visitor);
        gate.IsLetIn = true;
    }

    /// <summary>Why it waits too long; null when it does not.</summary>
    public string? Overdue(GuardPatience patience) =>
        !gate.IsLetIn && time.GetElapsedTime(_began) > patience.ToComeIn ? "it did not say who it is in time"
        : Volatile.Read(ref _packetBegan) is > 0 and var packet && time.GetElapsedTime(packet) > patience.ForAPacket ? "a packet of it did not come whole in time"
        : Volatile.Read(ref _writeBegan) is > 0 and var write && time.GetElapsedTime(write) > patience.ForAPacket ? "it does not take what it is sent"
        : time.GetElapsedTime(Volatile.Read(ref _heard)) > patience.Silence ? "it said nothing for too long"
        : null;

    public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DisconnectAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public async Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        if (_from == _to)
        {
            (_from, _to) = (0, await stream.ReadAsync(_input, cancellationToken));
            Volatile.Write(ref _heard, time.GetTimestamp());
        }

        var taken = Math.Min(count, _to - _from);
        var wasWithin = gate.IsWithin;
        if (gate.Look(_input.AsSpan(_from, taken)) is { } problem)
        {
            Dispose();
            throw new IOException(problem);
        }

        if (!gate.IsWithin)
        {
            Volatile.Write(ref _packetBegan, 0);
        }
        else if (!wasWithin)
        {
            Volatile.Write(ref _packetBegan, time.GetTimestamp());
        }

        _input.AsSpan(_from, taken).CopyTo(buffer.AsSpan(offset));
        _from += taken;
        return taken;
    }

    public async Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _writeBegan, time.GetTimestamp());
        foreach (var part in buffer)
        {
            await stream.WriteAsync(part, cancellationToken);
        }

        Volatile.Write(ref _writeBegan, 0);
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            stream.Dispose();
        }
    }
}
