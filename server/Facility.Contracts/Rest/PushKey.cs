namespace Facility.Contracts.Rest;

/// <summary>Answer of <c>GET /v1/push-key</c>.</summary>
/// <param name="Key">The server's public key (VAPID) in base64url: <c>applicationServerKey</c> of a subscription.</param>
public sealed record PushKey(string Key);
