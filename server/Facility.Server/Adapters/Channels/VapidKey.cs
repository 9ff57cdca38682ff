using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace Facility.Server.Adapters.Channels;

/// <summary>
/// The key by which push services know this server (VAPID, RFC 8292). Browsers subscribe with its public half, so a new key ends all their
/// subscriptions: it is made once, on disk whole before it is used, and never replaced by the server itself.
/// </summary>
internal sealed class VapidKey : IDisposable
{
    /// <summary>A token may hold for 24 hours at most (RFC 8292, section 2); half of that bears clocks that differ.</summary>
    private static readonly TimeSpan Holds = TimeSpan.FromHours(12);
    private static readonly string Header = Base64Url.EncodeToString("{\"typ\":\"JWT\",\"alg\":\"ES256\"}"u8);
    private readonly ECDsa key;

    public VapidKey(ECDsa key)
    {
        this.key = key;
        PublicKey = Base64Url.EncodeToString(PushEncryption.Point(key));
    }

    /// <summary>What a browser subscribes with: <c>applicationServerKey</c>, the point in base64url.</summary>
    public string PublicKey { get; }

    /// <summary>The key of a file (PEM, PKCS #8), made where there is none, for this user's eyes only.</summary>
    /// <exception cref="CryptographicException">The file holds no private key of P-256.</exception>
    /// <exception cref="IOException">It cannot be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public static VapidKey Open(string path)
    {
        if (!File.Exists(path))
        {
            Make(path);
        }

        var text = File.ReadAllText(path);
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            return key.KeySize == 256 && key.ExportParameters(includePrivateParameters: true).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value
                ? new VapidKey(key)
                : throw new CryptographicException("its key is of another curve");
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            key.Dispose();
            throw new CryptographicException(
                $"{path} does not hold the private key of P-256 that push services know this server by. Put it back from a backup; or delete it, start again, and all subscribe again.", e);
        }
    }

    /// <summary>The value of <c>Authorization</c> for one push service.</summary>
    /// <param name="contact">A <c>mailto:</c> or <c>https:</c> where the push service may tell that something is wrong.</param>
    public string Authorization(Uri endpoint, string contact, DateTimeOffset now)
    {
        using var claims = new MemoryStream();
        using (var json = new Utf8JsonWriter(claims))
        {
            json.WriteStartObject();
            json.WriteString("aud", endpoint.GetLeftPart(UriPartial.Authority));
            json.WriteNumber("exp", (now + Holds).ToUnixTimeSeconds());
            json.WriteString("sub", contact);
            json.WriteEndObject();
        }

        var signed = $"{Header}.{Base64Url.EncodeToString(claims.ToArray())}";
        byte[] signature;

        // A key is not made for two threads at once.
        lock (key)
        {
            signature = key.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }

        return $"vapid t={signed}.{Base64Url.EncodeToString(signature)}, k={PublicKey}";
    }

    public void Dispose() => key.Dispose();

    private static void Make(string path)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        // A name of its own first: a file left half-written by a kill would be found as a damaged key. What such a kill left is in nobody's use.
        File.Delete(path + ".new");
        using (var file = new FileStream(path + ".new", options))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path);
    }
}
