using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Facility.Server.Adapters.Channels;

/// <summary>
/// What is pushed can be read by the subscribed browser alone, not by the push service: message encryption for web push (RFC 8291), in the
/// content coding <c>aes128gcm</c> (RFC 8188) as one record.
/// </summary>
internal static class PushEncryption
{
    /// <summary>The longest text in bytes: a push service must take 4,096 bytes (RFC 8030, section 7.2), of which header, delimiter and tag are 103.</summary>
    public const int MostBytes = RecordSize - HeaderLength - PointLength - 1 - TagLength;

    public const int AuthLength = 16;

    private const int RecordSize = 4096;
    private const int SaltLength = 16;
    private const int HeaderLength = SaltLength + 4 + 1;
    private const int PointLength = 65;
    private const int TagLength = 16;

    /// <summary>With a key pair and a salt that are used once.</summary>
    public static byte[] Encrypt(ReadOnlySpan<byte> text, ECDiffieHellman browser, byte[] auth)
    {
        using var once = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Encrypt(text, browser, auth, once, RandomNumberGenerator.GetBytes(SaltLength));
    }

    /// <param name="browser">The public key of the subscription, <c>p256dh</c>.</param>
    /// <param name="auth">Its secret.</param>
    /// <param name="sender">A key pair of this message only.</param>
    public static byte[] Encrypt(ReadOnlySpan<byte> text, ECDiffieHellman browser, byte[] auth, ECDiffieHellman sender, byte[] salt)
    {
        var (theirs, ours) = (Point(browser), Point(sender));
        byte[] info = [.. "WebPush: info\0"u8, .. theirs, .. ours];
        using var peer = browser.PublicKey;
        return Encode(text, HKDF.DeriveKey(HashAlgorithmName.SHA256, sender.DeriveRawSecretAgreement(peer), 32, auth, info), salt, ours);
    }

    /// <summary>RFC 8188, section 2: the header with the id of the key, and one last record without padding.</summary>
    public static byte[] Encode(ReadOnlySpan<byte> text, byte[] key, byte[] salt, ReadOnlySpan<byte> keyId)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, RecordSize - 1 - TagLength);
        var header = HeaderLength + keyId.Length;
        var coded = new byte[header + text.Length + 1 + TagLength];
        salt.CopyTo(coded, 0);
        BinaryPrimitives.WriteInt32BigEndian(coded.AsSpan(SaltLength), RecordSize);
        coded[HeaderLength - 1] = (byte)keyId.Length;
        keyId.CopyTo(coded.AsSpan(HeaderLength));

        // A record ends with its delimiter, which is 2 in the last one.
        byte[] record = [.. text, 2];
        using var aes = new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 16, salt, "Content-Encoding: aes128gcm\0"u8.ToArray()), TagLength);
        aes.Encrypt(
            HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 12, salt, "Content-Encoding: nonce\0"u8.ToArray()),
            record, coded.AsSpan(header, record.Length), coded.AsSpan(header + record.Length));
        return coded;
    }

    /// <summary>The uncompressed point of 65 bytes (SEC 1, section 2.3.3).</summary>
    public static byte[] Point(ECAlgorithm key)
    {
        var q = key.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. q.X!, .. q.Y!];
    }

    /// <summary>A public key of P-256 from its uncompressed point.</summary>
    /// <exception cref="CryptographicException">It is none, or lies on no such curve.</exception>
    public static ECParameters Read(byte[] point) => point is [4, ..] && point.Length == PointLength
        ? new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] } }
        : throw new CryptographicException("it is not an uncompressed point of P-256");
}
