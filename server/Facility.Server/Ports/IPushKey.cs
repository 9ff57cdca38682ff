namespace Facility.Server.Ports;

/// <summary>What a browser needs to subscribe to push.</summary>
public interface IPushKey
{
    /// <summary>The server's public key (VAPID, RFC 8292) in base64url; null when there is a problem.</summary>
    string? PublicKey { get; }

    /// <summary>Why nothing can be pushed and what to do, or null.</summary>
    string? Problem { get; }
}
