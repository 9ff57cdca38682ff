using System.Buffers.Binary;
using System.Text;

namespace Facility.Edge.Adapters;

/// <summary>
/// Why lines cannot be claimed, by <c>struct gpio_v2_line_info</c> (256 bytes): consumer[32] at 32, offset at 64, flags at 72,
/// of which bit 0 is that the line is in use.
/// </summary>
internal static class GpioLineInfo
{
    private const uint GetLineInfo = 0xC100B405;

    /// <returns>A sentence; null when each line is there and free.</returns>
    public static string? WhyNot(int fd, IReadOnlyList<int> offsets)
    {
        var problems = new List<string>();
        foreach (var offset in offsets)
        {
            var info = new byte[256];
            BinaryPrimitives.WriteInt32LittleEndian(info.AsSpan(64), offset);
            if (KernelGpioPins.Ioctl(fd, GetLineInfo, ref info[0]) < 0)
            {
                problems.Add($"pin {offset} is not on this chip");
            }
            else if ((BinaryPrimitives.ReadUInt64LittleEndian(info.AsSpan(72)) & 1) != 0)
            {
                var consumer = Encoding.UTF8.GetString(info.AsSpan(32, 32)).TrimEnd('\0');
                problems.Add($"pin {offset} is in use by {(consumer.Length > 0 ? $"\"{consumer}\"" : "the kernel or another program")}{(consumer == Consumer ? ": stop the agent that runs" : "")}");
            }
        }

        return problems.Count > 0 ? string.Join("; ", problems) : null;
    }

    /// <summary>Our own name at a line that we claim.</summary>
    public const string Consumer = "facility-edge";
}
