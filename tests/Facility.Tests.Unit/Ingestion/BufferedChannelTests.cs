using System.Buffers;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Facility.Server.Adapters;
using MQTTnet.Channel;

namespace Facility.Tests.Unit.Ingestion;

/// <summary>The buffered connection passes every byte, in order, in fewer pieces.</summary>
public sealed class BufferedChannelTests
{
    [Fact]
    public async Task Reads_take_all_that_is_there_once_and_hand_it_out_in_pieces()
    {
        var inner = new Wire { Input = [.. Enumerable.Range(0, 1000).Select(i => (byte)i)] };
        using var channel = new BufferedChannel(inner);
        var read = new byte[1000];
        for (var at = 0; at < read.Length;)
        {
            at += await channel.ReadAsync(read, at, Math.Min(7, read.Length - at), CancellationToken.None);
        }

        Assert.Equal(inner.Input, read);
        Assert.Equal(1, inner.Reads);
        Assert.Equal(0, await channel.ReadAsync(read, 0, 1, CancellationToken.None));
    }

    [Fact]
    public async Task Writes_while_one_is_under_way_go_out_together()
    {
        var inner = new Wire();
        using var channel = new BufferedChannel(inner);
        for (var i = 0; i < 1000; i++)
        {
            await channel.WriteAsync(new ReadOnlySequence<byte>([(byte)i]), true, CancellationToken.None);
        }

        inner.Gate.SetResult();
        await channel.DisconnectAsync(CancellationToken.None);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (byte)i), inner.Output);
        Assert.InRange(inner.Writes, 1, 2);
    }

    [Fact]
    public async Task A_write_after_one_that_failed_fails_with_its_reason()
    {
        var inner = new Wire();
        using var channel = new BufferedChannel(inner);
        await channel.WriteAsync(new ReadOnlySequence<byte>([1]), true, CancellationToken.None);
        inner.Gate.SetException(new IOException("gone"));
        await channel.DisconnectAsync(CancellationToken.None);
        var failure = await Assert.ThrowsAsync<IOException>(() => channel.WriteAsync(new ReadOnlySequence<byte>([2]), true, CancellationToken.None));
        Assert.Equal("gone", failure.Message);
    }

    private sealed class Wire : IMqttChannel
    {
        public byte[] Input { get; init; } = [];

        public List<byte> Output { get; } = [];

        public TaskCompletionSource Gate { get; } = new();

        public int Reads { get; private set; }

        public int Writes { get; private set; }

        public X509Certificate2 ClientCertificate => null!;

        public EndPoint RemoteEndPoint => null!;

        public EndPoint LocalEndPoint => null!;

        public bool IsSecureConnection => false;

        public Task ConnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task DisconnectAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            var taken = Reads++ == 0 ? Input.Length : 0;
            Input.AsSpan(0, taken).CopyTo(buffer.AsSpan(offset));
            return Task.FromResult(taken);
        }

        public async Task WriteAsync(ReadOnlySequence<byte> buffer, bool isEndOfPacket, CancellationToken cancellationToken)
        {
            await Gate.Task;
            Writes++;
            Output.AddRange(buffer.ToArray());
        }

        public void Dispose()
        {
        }
    }
}
