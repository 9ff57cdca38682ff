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

    /// <summary>Room before and behind the numbers of <see cref="Spread"/>, in which it reads zeros and writes what nobody needs.</summary>
    public const int Margin = 4, Behind = Margin + 16;

    /// <summary>Spreads each number over itself and the four after it, by five factors.</summary>
    /// <param name="to">Gets four numbers more than there are, from <see cref="Margin"/> on.</param>
    /// <param name="from">Zeros, the numbers from <see cref="Margin"/> on, zeros.</param>
    public static void Spread(Span<float> to, ReadOnlySpan<float> from, int count, ReadOnlySpan<float> factors)
    {
        var (a, b, c, d, e) = (factors[0], factors[1], factors[2], factors[3], factors[4]);
        ref readonly var source = ref MemoryMarshal.GetReference(from[..(Margin + count + Behind)]);
        ref var target = ref MemoryMarshal.GetReference(to[..(Margin + count + Behind)]);
        for (var j = 0; j < count + Margin; j += Vector256<float>.Count)
        {
            var sum = Vector256.LoadUnsafe(in source, (nuint)(Margin + j)) * a;
            sum += Vector256.LoadUnsafe(in source, (nuint)(Margin + j - 1)) * b;
            sum += Vector256.LoadUnsafe(in source, (nuint)(Margin + j - 2)) * c;
            sum += Vector256.LoadUnsafe(in source, (nuint)(Margin + j - 3)) * d;
            sum += Vector256.LoadUnsafe(in source, (nuint)j) * e;
            sum.StoreUnsafe(ref target, (nuint)(Margin + j));
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
