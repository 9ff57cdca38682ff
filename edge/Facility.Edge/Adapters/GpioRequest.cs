using System.Buffers.Binary;
using System.Text;
using Facility.Edge.Ports;

namespace Facility.Edge.Adapters;

/// <summary>
/// Lays out <c>struct gpio_v2_line_request</c> (592 bytes): offsets[64] at 0, consumer[32] at 256, the config at 288 (flags,
/// number of attributes at 296, ten attributes of 24 bytes at 320), number of lines at 560, buffer size at 564, fd at 588.
/// </summary>
internal static class GpioRequest
{
    /// <summary>Of edges, in the kernel; it allows no more.</summary>
    public const int QueueSize = 1024;

    private const ulong ActiveLow = 1 << 1;
    private const ulong InputBothEdges = (1 << 2) | (1 << 4) | (1 << 5);
    private const uint FlagsAttribute = 1;
    private const uint DebounceAttribute = 3;

    public static byte[] Build(IReadOnlyList<PinLine> lines, int maxLines)
    {
        if (lines.Count > maxLines)
        {
            throw new PinsException($"{lines.Count} pins; one chip gives at most {maxLines}");
        }

        var request = new byte[592];
        for (var i = 0; i < lines.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(i * 4), (uint)lines[i].Pin);
        }

        Encoding.ASCII.GetBytes(GpioLineInfo.Consumer, request.AsSpan(256));
        var common = Flags(lines[0]);
        BinaryPrimitives.WriteUInt64LittleEndian(request.AsSpan(288), common);
        var attributes = lines.Select((line, i) => (Id: FlagsAttribute, Value: Flags(line), i)).Where(a => a.Value != common)
            .Concat(lines.Select((line, i) => (Id: DebounceAttribute, Value: (ulong)line.Debounce.TotalMicroseconds, i)).Where(a => a.Value > 0))
            .GroupBy(a => (a.Id, a.Value))
            .Select(group => (group.Key.Id, group.Key.Value, Mask: group.Aggregate(0UL, (mask, a) => mask | (1UL << a.i))))
            .ToArray();
        if (attributes.Length > 10)
        {
            throw new PinsException($"the pins have {attributes.Length} different settings of pull, active-low and debounce; the kernel allows 10");
        }

        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(296), (uint)attributes.Length);
        for (var i = 0; i < attributes.Length; i++)
        {
            var at = request.AsSpan(320 + i * 24);
            BinaryPrimitives.WriteUInt32LittleEndian(at, attributes[i].Id);
            BinaryPrimitives.WriteUInt64LittleEndian(at[8..], attributes[i].Value);
            BinaryPrimitives.WriteUInt64LittleEndian(at[16..], attributes[i].Mask);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(560), (uint)lines.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(request.AsSpan(564), QueueSize);
        return request;
    }

    private static ulong Flags(PinLine line) =>
        InputBothEdges | (line.ActiveLow ? ActiveLow : 0) | (line.Pull switch { Pull.Up => 1UL << 8, Pull.Down => 1UL << 9, _ => 1UL << 10 });
}
