using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

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

    /// <summary>Each number spread over itself and those after it by five factors; <paramref name="to"/> has four more numbers than <paramref name="from"/>.</summary>
    public static void Spread(Span<float> to, ReadOnlySpan<float> from, ReadOnlySpan<float> factors)
    {
        const int Reach = 4;
        var (a, b, c, d, e) = (factors[0], factors[1], factors[2], factors[3], factors[Reach]);
        to = to[..(from.Length + Reach)];
        var j = Math.Min(Reach, from.Length);
        Edge(to[..j], from, factors, 0);
        ref var source = ref MemoryMarshal.GetReference(from);
        ref var target = ref MemoryMarshal.GetReference(to);
        for (; j <= from.Length - Vector<float>.Count; j += Vector<float>.Count)
        {
            var sum = Vector.LoadUnsafe(ref source, (nuint)j) * a;
            sum += Vector.LoadUnsafe(ref source, (nuint)(j - 1)) * b;
            sum += Vector.LoadUnsafe(ref source, (nuint)(j - 2)) * c;
            sum += Vector.LoadUnsafe(ref source, (nuint)(j - 3)) * d;
            sum += Vector.LoadUnsafe(ref source, (nuint)(j - Reach)) * e;
            sum.StoreUnsafe(ref target, (nuint)j);
        }

        Edge(to[j..], from, factors, j);
    }

    private static void Edge(Span<float> to, ReadOnlySpan<float> from, ReadOnlySpan<float> factors, int first)
    {
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = 0;
            for (var t = 0; t < factors.Length; t++)
            {
                to[i] += first + i - t is var at && at >= 0 && at < from.Length ? from[at] * factors[t] : 0;
            }
        }
    }

    /// <summary>The sum, in the same order on every machine.</summary>
    public static float Sum(ReadOnlySpan<float> values)
    {
        var source = MemoryMarshal.Cast<float, Vector256<float>>(values);
        var sums = Vector256<float>.Zero;
        foreach (var v in source)
        {
            sums += v;
        }

        var sum = Vector256.Sum(sums);
        foreach (var v in values[(source.Length * Vector256<float>.Count)..])
        {
            sum += v;
        }

        return sum;
    }

    public static void Scale(Span<float> values, float factor)
    {
        var target = MemoryMarshal.Cast<float, Vector256<float>>(values);
        foreach (ref var v in target)
        {
            v *= factor;
        }

        foreach (ref var v in values[(target.Length * Vector256<float>.Count)..])
        {
            v *= factor;
        }
    }
}
