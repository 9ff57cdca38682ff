using System.Text.Json.Serialization;

namespace Facility.Contracts.Rest;

/// <summary><c>POST /v1/device-claims</c>: which device may join.</summary>
public sealed record NewClaim(string Site, string Device);

/// <summary>The answer: the code is told this once.</summary>
/// <param name="Command">What a fitter types at the device.</param>
/// <param name="Replaces">The device has a certificate: it ends once the new one is used.</param>
public sealed record MadeClaim(string Code, string Site, string Device, DateTimeOffset ExpiresAt, string Command, bool Replaces);

/// <summary><c>GET /v1/device-claims</c>: those of the last day, the newest first.</summary>
public sealed record ClaimList(IReadOnlyList<ClaimState> Claims);

/// <param name="State"><c>open</c>, <c>used</c>, <c>expired</c>, or <c>withdrawn</c> for a newer one.</param>
public sealed record ClaimState(string Site, string Device, string State, string MadeBy, DateTimeOffset MadeAt, DateTimeOffset ExpiresAt, DateTimeOffset? UsedAt);

/// <summary><c>POST /v1/device-claims/{code}/certificate</c>, by the device.</summary>
/// <param name="Request">PEM: a certificate signing request (PKCS #10) with a key of P-256 that the device made.</param>
public sealed record CertificateRequested(string Request);

/// <summary>The answer: who the device is now.</summary>
/// <param name="Certificate">PEM: its own.</param>
/// <param name="Authority">PEM: who signed it, and the broker's.</param>
/// <param name="Broker">Such as <c>mqtts://mqtt.example.org:8883</c>.</param>
public sealed record JoinedDevice(string Site, string Device, string Certificate, string Authority, string Broker, string TopicPrefix);

/// <summary><c>PUT /v1/devices/{device}</c>; null or empty takes the name away.</summary>
public sealed record DeviceName(string? Name);

/// <summary><c>POST /v1/devices/{device}/command</c>: <c>identify</c> or <c>reload</c>.</summary>
public sealed record CommandedDevice(string Command);

/// <summary><c>GET /v1/devices/{device}/refused</c>: what was refused of it lately, the newest first.</summary>
public sealed record RefusedList(IReadOnlyList<DeviceRefusal> Refused);

/// <summary>What lets a device in.</summary>
/// <param name="Serial">In hexadecimal.</param>
/// <param name="InUse">Whether the device has said that it uses it.</param>
public sealed record DeviceIdentity(string Serial, DateTimeOffset From, DateTimeOffset Until, bool InUse);

/// <summary>JSON of a device that joins, for a program without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(CertificateRequested))]
[JsonSerializable(typeof(JoinedDevice))]
public sealed partial class JoinJson : JsonSerializerContext;
