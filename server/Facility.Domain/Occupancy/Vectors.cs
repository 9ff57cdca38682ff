using System.Numerics;
using System.Runtime.InteropServices;

namespace Facility.Domain.Occupancy;

/// <summary>Arithmetic on many numbers at once: most of an event's time goes here.</summary>
internal static class Vectors
{
    /// <summary>Adds a factor times each number of <paramref name="from"/> to the number at its place.</summary>
    public static void AddScaled(Span<float> to, ReadOnlySpan<float> from, float factor)
    {
        to = to[..from.Length];
        var target = MemoryMarshal.Cast<float, Vector<float>>(to);
        var source = MemoryMarshal.Cast<float, Vector<float>>(from);
        for (var i = 0; i < source.Length; i++)
        {
            target[i] += source[i] * factor;
        }

        for (var i = source.Length * Vector<float>.Count; i < from.Length; i++)
        {
            to[i] += from[i] * factor;
        }
    }
}
