using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Facility.Benchmarks.Load;

/// <summary>A message that came, or (topic empty) the PUBACK of one that was sent.</summary>
internal delegate void Received(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload);

/// <summary>
/// One MQTT 3.1.1 connection straight on a socket: what is written is kept until <see cref="Flush"/>, so that a burst is one
/// system call, and the load generator is not what is measured. QoS 1 both ways. Not safe for threads but for <see cref="ReadAsync"/>.
/// </summary>
internal sealed class MqttSocket : IDisposable
{
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] output = new byte[64 * 1024];
    private int filled;
    private ushort nextId;

    public MqttSocket(int port, string clientId)
    {
        socket.Connect(IPAddress.Loopback, port);
        var id = Encoding.UTF8.GetBytes(clientId);
        Header(0x10, 12 + id.Length);
        Write([0, 4, .. "MQTT"u8, 4, 2, 0, 60]);
        WriteText(id);
        Flush();
        var answer = new byte[4];
        for (var got = 0; got < answer.Length;)
        {
            got += socket.Receive(answer, got, answer.Length - got, SocketFlags.None) is > 0 and var n ? n : throw new IOException("the broker closed the connection");
        }

        if (answer[3] != 0)
        {
            throw new IOException($"the broker refused the connection: {answer[3]}");
        }
    }

    public void Subscribe(string filter)
    {
        var text = Encoding.UTF8.GetBytes(filter);
        Header(0x82, 2 + 2 + text.Length + 1);
        WriteId(NextId());
        WriteText(text);
        Write([1]);
    }

    public void Publish(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
    {
        Header(0x32, 2 + topic.Length + 2 + payload.Length);
        WriteText(topic);
        WriteId(NextId());
        Write(payload);
    }

    public void Ping() => Header(0xC0, 0);

    public void Flush()
    {
        if (filled > 0)
        {
            socket.Send(output.AsSpan(0, filled));
            filled = 0;
        }
    }

    /// <summary>Reads until the connection ends. All that one read brought is handled within <paramref name="gate"/>, then <paramref name="after"/> runs in it.</summary>
    public async Task ReadAsync(Lock gate, Received received, Action after, CancellationToken cancellation)
    {
        var input = new byte[256 * 1024];
        var held = 0;
        try
        {
            while (await socket.ReceiveAsync(input.AsMemory(held), SocketFlags.None, cancellation) is > 0 and var more)
            {
                held += more;
                lock (gate)
                {
                    var taken = 0;
                    while (Frame(input.AsSpan(taken, held - taken)) is > 0 and var length)
                    {
                        Handle(input.AsSpan(taken, length), received);
                        taken += length;
                    }

                    input.AsSpan(taken, held - taken).CopyTo(input);
                    held -= taken;
                    after();
                    Flush();
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The run is over.
        }
    }

    public void Dispose() => socket.Dispose();

    private static int Frame(ReadOnlySpan<byte> bytes)
    {
        var length = 0;
        for (var i = 1; i < bytes.Length && i <= 4; i++)
        {
            length |= (bytes[i] & 127) << (7 * (i - 1));
            if (bytes[i] < 128)
            {
                return bytes.Length >= i + 1 + length ? i + 1 + length : 0;
            }
        }

        return 0;
    }

    private void Handle(ReadOnlySpan<byte> packet, Received received)
    {
        var type = packet[0] >> 4;
        if (type == 4)
        {
            received([], []);
        }
        else if (type == 3)
        {
            var at = 1;
            while (packet[at++] >= 128)
            {
            }

            var topic = packet.Slice(at + 2, BinaryPrimitives.ReadUInt16BigEndian(packet[at..]));
            var rest = packet[(at + 2 + topic.Length)..];
            if ((packet[0] & 6) != 0)
            {
                Header(0x40, 2);
                Write(rest[..2]);
                rest = rest[2..];
            }

            received(topic, rest);
        }
    }

    private ushort NextId() => nextId = (ushort)(nextId == ushort.MaxValue ? 1 : nextId + 1);

    private void Header(byte type, int length)
    {
        Write([type]);
        do
        {
            Write([(byte)((length & 127) | (length > 127 ? 128 : 0))]);
            length >>= 7;
        }
        while (length > 0);
    }

    private void WriteId(ushort id) => Write([(byte)(id >> 8), (byte)id]);

    private void WriteText(ReadOnlySpan<byte> utf8)
    {
        WriteId((ushort)utf8.Length);
        Write(utf8);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (filled + bytes.Length > output.Length)
        {
            Array.Resize(ref output, Math.Max(output.Length * 2, filled + bytes.Length));
        }

        bytes.CopyTo(output.AsSpan(filled));
        filled += bytes.Length;
    }
}
