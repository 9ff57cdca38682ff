using System.Security.Cryptography;
using System.Text;

namespace Facility.Domain.Devices;

/// <summary>The code by which a device joins once: eight characters that a person can read out and type, 40 bits.</summary>
/// <remarks>Without I, L, O and U, which are read as others; what a person types is taken for what was meant: small letters, O for 0, I and L for 1.</remarks>
public static class ClaimCode
{
    public const int Characters = 8;

    /// <summary>What is allowed, for error messages.</summary>
    public const string Form = "eight letters and digits such as 7K3M-PQ2X";

    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <param name="random">A byte for each character.</param>
    public static string Of(ReadOnlySpan<byte> random)
    {
        if (random.Length != Characters)
        {
            throw new ArgumentException($"{Characters} bytes are needed", nameof(random));
        }

        Span<char> code = stackalloc char[Characters + 1];
        for (var i = 0; i < Characters; i++)
        {
            code[i < 4 ? i : i + 1] = Alphabet[random[i] & 31];
        }

        code[4] = '-';
        return new string(code);
    }

    /// <summary>The code that was meant; null where it can be none.</summary>
    public static string? Read(string? typed)
    {
        if (typed is null or { Length: > 40 })
        {
            return null;
        }

        Span<char> code = stackalloc char[Characters];
        var length = 0;
        foreach (var c in typed)
        {
            if (c is ' ' or '-')
            {
                continue;
            }

            var meant = char.ToUpperInvariant(c) switch { 'O' => '0', 'I' or 'L' => '1', var other => other };
            if (length == Characters || !Alphabet.Contains(meant, StringComparison.Ordinal))
            {
                return null;
            }

            code[length++] = meant;
        }

        return length == Characters ? $"{code[..4]}-{code[4..]}" : null;
    }

    /// <summary>What is kept of a code.</summary>
    public static string Hash(string code) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(code)));
}
