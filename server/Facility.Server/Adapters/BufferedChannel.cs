using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MQTTnet;
using MQTTnet.Adapter;
using MQTTnet.Channel;
using MQTTnet.Diagnostics.Logger;
using MQTTnet.Formatter;
using MQTTnet.Implementations;

namespace Facility.Server.Adapters;

/// <summary>
/// A connection of the MQTT client that reads what the socket has at once, and writes while one write is under way go out
/// together with the next. The client itself asks the system two or three times for each message, and once for each PUBACK.
/// </summary>
/// <remarks>
/// A write that is returned from may still be in memory; what fails later is thrown by the next write, and the reading side
/// fails with it. Nothing relies on more: a message is done at its answer. At most <see cref="MostPending"/> bytes wait, then a write waits.
/// </remarks>
internal sealed class BufferedChannel(IMqttChannel inner) : IMqttChannel
{
    private const int InputBytes = 128 * 1024;
    private const int MostPending = 1024 * 1024;

    private readonly byte[] _input = new byte[InputBytes];
    private readonly Lock _gate = new();
    private ArrayBufferWriter<byte> _pending = new(16 * 1024);
    private ArrayBufferWriter<byte> _spare = new(16 * 1024);
    private int _from, _to;
    private Task _writing = Task.CompletedTask;

    public X509Certificate2 ClientCertificate => inner.ClientCertificate;

    public EndPoint RemoteEndPoint => inner.RemoteEndPoint;

    public EndPoint LocalEndPoint => inner.LocalEndPoint;

    public bool IsSecureConnection => inner.IsSecureConnection;

    public Task ConnectAsync(CancellationToken cancellationToken) => inner.ConnectAsync(cancellationToken);

    public async Task DisconnectAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await inner.DisconnectAsync(cancellationToken);
    }

    public Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        _from < _to ? Task.FromResult(Take(buffer, offset, count)) : FillAsync(buffer, offset, count, cancellationToken);

    public Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_writing.IsFaulted)
            {
                return _writing;
            }

            foreach (var part in buffer)
            {
                _pending.Write(part.Span);
            }

            if (_writing.IsCompleted)
            {
                _writing = Task.Run(WritePendingAsync, CancellationToken.None);
            }

            return _pending.WrittenCount < MostPending ? Task.CompletedTask : _writing.WaitAsync(cancellationToken);
        }
    }

    public void Dispose() => inner.Dispose();

    private async Task WritePendingAsync()
    {
        while (true)
        {
            ArrayBufferWriter<byte> writing;
            lock (_gate)
            {
                if (_pending.WrittenCount == 0)
                {
                    // Within the lock, so that a write that comes now starts anew.
                    _writing = Task.CompletedTask;
                    return;
                }

                (writing, _pending) = (_pending, _spare);
            }

            await inner.WriteAsync(new ReadOnlySequence<byte>(writing.WrittenMemory), true, CancellationToken.None);
            writing.ResetWrittenCount();
            _spare = writing;
        }
    }

    private async Task<int> FillAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        _from = 0;
        _to = await inner.ReadAsync(_input, 0, InputBytes, cancellationToken);
        return Take(buffer, offset, count);
    }

    private int Take(byte[] buffer, int offset, int count)
    {
        var taken = Math.Min(count, _to - _from);
        Buffer.BlockCopy(_input, _from, buffer, offset, taken);
        _from += taken;
        return taken;
    }
}

/// <summary>MQTT clients over <see cref="BufferedChannel"/>.</summary>
internal sealed class BufferedAdapters : IMqttClientAdapterFactory
{
    public IMqttChannelAdapter CreateClientAdapter(MqttClientOptions options, MqttPacketInspector packetInspector, IMqttNetLogger logger) =>
        new MqttChannelAdapter(
            new BufferedChannel(new MqttTcpChannel(options)),
            new MqttPacketFormatterAdapter(options.ProtocolVersion, new MqttBufferWriter(options.WriterBufferSize, options.WriterBufferSizeMax)),
            logger)
        {
            AllowPacketFragmentation = options.AllowPacketFragmentation,
            PacketInspector = packetInspector,
        };
}
