using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;

namespace Facility.Server.Adapters.Channels;

/// <summary>
/// A browser's subscription, as its <c>PushSubscription.toJSON()</c> gives it:
/// <c>{"endpoint":"https://…","keys":{"p256dh":"…","auth":"…"}}</c>. Who knows the endpoint may try to push to it: it is shown nowhere.
/// </summary>
/// <param name="Browser">The browser's public key; the owner of this disposes of it.</param>
internal sealed record PushSubscription(Uri Endpoint, ECDiffieHellman Browser, byte[] Auth) : IDisposable
{
    private const int MostCharacters = 4096;
    private const string Example = "give the JSON of a browser's subscription, {\"endpoint\":\"https://…\",\"keys\":{\"p256dh\":\"…\",\"auth\":\"…\"}}";

    /// <summary>The subscription, or what is wrong with it and what is allowed.</summary>
    public static (PushSubscription? Subscription, string Problem) Read(string address)
    {
        if (address.Length > MostCharacters)
        {
            return (null, $"push address is longer than {MostCharacters} characters; {Example}");
        }

        try
        {
            var root = JsonElement.Parse(address, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (root.ValueKind != JsonValueKind.Object || Text(root, "endpoint") is not { } endpoint || !root.TryGetProperty("keys", out var keys)
                || keys.ValueKind != JsonValueKind.Object || Text(keys, "p256dh") is not { } point || Text(keys, "auth") is not { } auth)
            {
                return (null, $"push address is not allowed: endpoint, keys.p256dh or keys.auth is missing; {Example}");
            }

            if (!Uri.TryCreate(endpoint, UriKind.Absolute, out var url) || url.UserInfo.Length > 0 || url.Fragment.Length > 0
                || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && IPAddress.TryParse(url.DnsSafeHost, out var host) && IPAddress.IsLoopback(host))))
            {
                return (null, "push address is not allowed: its endpoint is an https:// URL, or http:// at a loopback address such as 127.0.0.1, without user or fragment");
            }

            return Decode(auth) is { Length: PushEncryption.AuthLength } secret ? Read(url, Decode(point), secret)
                : (null, $"push address is not allowed: its keys.auth is not {PushEncryption.AuthLength} bytes in base64url");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // Half a surrogate pair among them. The reader's own words can hold a piece of the address.
            return (null, $"push address is not JSON, has a key twice, or is no Unicode; {Example}");
        }
    }

    public void Dispose() => Browser.Dispose();

    private static (PushSubscription?, string) Read(Uri endpoint, byte[] point, byte[] auth)
    {
        try
        {
            return (new PushSubscription(endpoint, ECDiffieHellman.Create(PushEncryption.Read(point)), auth), "");
        }
        catch (CryptographicException)
        {
            return (null, "push address is not allowed: its keys.p256dh is not a public key of P-256: 65 bytes in base64url, the first of them 4");
        }
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static byte[] Decode(string text) => Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : [];
}
