using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Facility.Server.OnCall;

/// <summary>Signs and checks messages as Standard Webhooks has it: HMAC-SHA256 of <c>id.timestamp.body</c>, so that nobody else's are believed.</summary>
/// <remarks>Source: the Standard Webhooks specification (standardwebhooks.com), symmetric signatures (v1).</remarks>
public sealed class WebhookSignature
{
    public const string IdHeader = "webhook-id";
    public const string TimeHeader = "webhook-timestamp";
    public const string SignatureHeader = "webhook-signature";
    private const string Marker = "whsec_";
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(5);
    private readonly byte[] _key;

    /// <param name="secret"><c>whsec_</c> and 24 to 64 bytes in base64; the marker may be left out.</param>
    /// <exception cref="FormatException">It is not such a secret; the message does not repeat it.</exception>
    public WebhookSignature(string secret)
    {
        var text = secret.StartsWith(Marker, StringComparison.Ordinal) ? secret[Marker.Length..] : secret;
        _key = Base64.IsValid(text) ? Convert.FromBase64String(text) : [];
        if (_key.Length is < 24 or > 64)
        {
            throw new FormatException("it must hold whsec_ and 24 to 64 bytes in base64, such as: echo whsec_$(openssl rand -base64 32)");
        }
    }

    /// <summary>The value of <see cref="SignatureHeader"/>.</summary>
    public string Sign(string id, DateTimeOffset at, ReadOnlySpan<byte> body) => Signed(id, Seconds(at), body);

    public static string Seconds(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Why a message is not to be believed; null when it is.</summary>
    /// <param name="signatures">One or more, with spaces between them: a sender that changes its secret signs with both.</param>
    public string? Refusal(string id, string timestamp, string signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (id.Length == 0 || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return $"{IdHeader}, {TimeHeader} (Unix seconds) and {SignatureHeader} are needed, as Standard Webhooks has them";
        }

        var expected = Encoding.UTF8.GetBytes(Signed(id, timestamp, body));
        var isSigned = false;
        foreach (var signature in signatures.Split(' '))
        {
            isSigned |= CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(signature), expected);
        }

        return !isSigned ? "the signature is not of this message and the secret"
            : Math.Abs((double)seconds - now.ToUnixTimeSeconds()) > Window.TotalSeconds ? $"{TimeHeader} is more than {Window.TotalMinutes} minutes from this server's time"
            : null;
    }

    private string Signed(string id, string seconds, ReadOnlySpan<byte> body)
    {
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{seconds}."), .. body];
        return "v1," + Convert.ToBase64String(HMACSHA256.HashData(_key, signed));
    }
}
