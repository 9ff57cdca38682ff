using CsCheck;
using Facility.Server.Adapters.Broker;

namespace Facility.Tests.Unit.Devices;

/// <summary>What one connection to the embedded broker may send, before and after it is let in.</summary>
public sealed class PacketGateTests
{
    private static byte[] Packet(byte type, int body)
    {
        var bytes = new List<byte> { type };
        var left = body;
        do
        {
            bytes.Add((byte)((left & 0x7f) | (left > 0x7f ? 0x80 : 0)));
            left >>= 7;
        }
        while (left > 0);
        return [.. bytes, .. new byte[body]];
    }

    [Theory]
    [InlineData(100, null)]
    [InlineData(0, null)]
    [InlineData(101, "a packet of 101 bytes or more; allowed are 100")]
    [InlineData(200_000_000, "allowed are 100")]
    public void A_stranger_sends_one_small_packet(int size, string? problem)
    {
        var said = new PacketGate(100, 1000).Look(size < 1000 ? Packet(0x10, size) : [0x10, 0xff, 0xff, 0xff, 0x5f]);
        Assert.True(problem is null ? said is null : said!.Contains(problem, StringComparison.Ordinal), said);
    }

    [Theory]
    [InlineData(0x30)]
    [InlineData(0x00)]
    [InlineData(0x47)] // GET of HTTP
    [InlineData(0x16)] // TLS
    public void The_first_packet_is_a_CONNECT(byte first) => Assert.Equal("its first packet is no CONNECT", new PacketGate(100, 1000).Look([first]));

    [Fact]
    public void A_length_that_does_not_end_is_seen_at_its_fourth_byte() =>
        Assert.Equal("the length of a packet does not end", new PacketGate(100, 1000) { IsLetIn = true }.Look([0x10, 0x80, 0x80, 0x80, 0x80]));

    [Fact]
    public void Who_is_let_in_sends_more()
    {
        var gate = new PacketGate(100, 1000);
        Assert.Null(gate.Look(Packet(0x10, 50)));
        gate.IsLetIn = true;
        Assert.Null(gate.Look(Packet(0x30, 1000)));
        Assert.NotNull(gate.Look(Packet(0x30, 1001)));
    }

    [Fact]
    public void It_says_the_same_however_the_bytes_are_cut()
    {
        var packets = Gen.Int[0, 1300].Array[1, 8].Select(sizes => sizes.SelectMany((s, i) => Packet(i == 0 ? (byte)0x10 : (byte)0x30, s)).ToArray());
        Gen.Select(packets, Gen.Int[1, 700]).Sample((bytes, part) =>
        {
            var whole = new PacketGate(1200, 1200).Look(bytes);
            var gate = new PacketGate(1200, 1200);
            var inParts = bytes.Chunk(part).Select(b => gate.Look(b)).FirstOrDefault(p => p is not null);
            return whole == inParts && (whole is not null || !gate.IsWithin);
        });
    }
}
