using System.Text;

namespace Facility.Tests.Integration.Fuzzing;

/// <summary>One input's choices, all from one seed.</summary>
internal sealed class Fuzz(long seed)
{
    private static readonly string[] Words =
    [
        "0", "1", "-1", "1e999", "-0", "1e-400", "9007199254740991", "9007199254740992", "18446744073709551616", "0.1", "true", "false", "null", "\"\"", "{}", "[]", "[[", "]]", "{\"", "\\u0000",
        "\\ud800", "\\", "\"", "'", ",", ":", "}", "]", "\n", "\0", "\u202e", "\ufeff", "é", "🔥", "../", "..%2f", "%00", "%", "%ff", "//", "/", "?", "&", "=", "#", "+", "*", "$", ";",
        "<script>", "' or 1=1--", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-11-24T09:00:00+14:00", "PT0S", "P9999999999D", "NaN", "Infinity",
    ];

    private readonly Random random = new(unchecked((int)(seed ^ (seed >> 32) * 0x9E3779B9)));

    public long Seed => seed;

    public int Below(int limit) => random.Next(limit);

    public bool Chance(double share) => random.NextDouble() < share;

    public T Pick<T>(IReadOnlyList<T> some) => some[random.Next(some.Count)];

    public byte[] Bytes(int most)
    {
        var bytes = new byte[random.Next(most + 1)];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A word that a parser stumbles over, a number, or letters.</summary>
    public string Word() => Below(6) switch
    {
        0 => random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
        1 => new string((char)('a' + Below(26)), 1 << Below(13)),
        2 => Encoding.Latin1.GetString(Bytes(20)),
        _ => Pick(Words),
    };

    /// <summary>One to eight changes of a good one: bits, pieces taken out, doubled, moved, swapped with another's, words put in.</summary>
    public byte[] Mutate(byte[] good, IReadOnlyList<byte[]> others)
    {
        var bytes = new List<byte>(good);
        for (var n = 1 << Below(4); n > 0; n--)
        {
            var at = Below(bytes.Count + 1);
            var some = Math.Min(bytes.Count - at, 1 << Below(8));
            switch (Below(8))
            {
                case 0 when bytes.Count > at:
                    bytes[at] ^= (byte)(1 << Below(8));
                    break;
                case 1 when bytes.Count > at:
                    bytes[at] = (byte)Below(256);
                    break;
                case 2:
                    bytes.RemoveRange(at, some);
                    break;
                case 3 when bytes.Count < 200_000:
                    bytes.InsertRange(at, bytes.GetRange(at, some).ToArray());
                    break;
                case 4:
                    var other = Pick(others);
                    var from = Below(other.Length + 1);
                    bytes.InsertRange(at, other.AsSpan(from, Math.Min(other.Length - from, 1 << Below(8))).ToArray());
                    break;
                case 5:
                    // In the place of a number or a word.
                    var end = at;
                    while (end < bytes.Count && (char.IsAsciiLetterOrDigit((char)bytes[end]) || bytes[end] is (byte)'-' or (byte)'.'))
                    {
                        end++;
                    }

                    bytes.RemoveRange(at, end - at);
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Word()));
                    break;
                case 6:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Word()));
                    break;
            }
        }

        return [.. bytes];
    }

    /// <summary>Bytes as a person can read and copy them.</summary>
    public static string Shown(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes.Length > 1200 ? bytes[..1200] : bytes);
}
