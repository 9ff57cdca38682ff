using System.Security.Cryptography;
using System.Text;
using Facility.Server.Ports;

namespace Facility.Server.OnCall;

/// <summary>Links by which one person acknowledges: 128 random bits, kept as a hash, for a day.</summary>
public sealed class Links(IOnCallStore store, Uri address)
{
    private static readonly TimeSpan Lasts = TimeSpan.FromHours(24);

    public Uri Make(string person, IReadOnlyList<string> subjects, DateTimeOffset now)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        store.Save(Hash(token), new Link(person, subjects, now + Lasts));
        return new Uri(address, $"/a/{token}");
    }

    /// <returns>Null where there was never such a link, or it has expired.</returns>
    public Link? Find(string token, DateTimeOffset now) =>
        token.Length == 32 && store.FindLink(Hash(token)) is { } link && now < link.Expires ? link : null;

    private static string Hash(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
}
