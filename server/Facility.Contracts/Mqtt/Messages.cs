using System.Text.Json.Serialization;

namespace Facility.Contracts.Mqtt;

/// <summary>Every event of the stream up to <paramref name="Seq"/> is on the server's disk (contract, section 2.2).</summary>
public sealed record Ack(Guid Stream, long Seq)
{
    [JsonPropertyOrder(-1)]
    public int V { get; init; } = 1;
}

/// <summary>
/// A command to a device: <c>identify</c>, <c>reload</c>, <c>refused</c> with stream, seq and reason, or <c>certificate</c>: the answer to a <see cref="CertificateRenewal"/>.
/// </summary>
/// <param name="Certificate">PEM: the newer certificate.</param>
public sealed record DeviceCommand(string Command, Guid? Stream = null, long? Seq = null, string? Reason = null, string? Certificate = null)
{
    public const string NewCertificate = "certificate";
    public const string Identify = "identify";
    public const string Reload = "reload";
    public const string Refused = "refused";

    [JsonPropertyOrder(-1)]
    public int V { get; init; } = 1;
}

/// <summary>The present value of a level sensor.</summary>
public sealed record SensorLevel(string Sensor, string Kind, double Value);

/// <summary>A device's status, retained; its Will and clean exit have state and session alone (contract, section 2.3).</summary>
/// <param name="State"><c>online</c> or <c>offline</c>.</param>
/// <param name="Session">Of this connection: an offline of an older session is ignored.</param>
public sealed record DeviceStatus(
    string State, Guid Session, DateTimeOffset? At = null, string? Software = null, IReadOnlyList<SensorLevel>? Sensors = null)
{
    public const string Online = "online";
    public const string Offline = "offline";

    [JsonPropertyOrder(-1)]
    public int V { get; init; } = 1;
}

/// <summary>On a device's topic <c>renewal</c>: it asks for a newer certificate, or says that it uses this one. Proved by the key of the certificate it names.</summary>
/// <param name="Serial">Of the certificate that the device has, in hexadecimal, capitals.</param>
/// <param name="Signature">By its key over <see cref="Signed"/>: ECDSA with SHA-256, 64 bytes (IEEE P1363), in base64.</param>
/// <param name="Request">PEM: a certificate signing request with the new key; null: the certificate is in use, and older ones may end.</param>
public sealed record CertificateRenewal(string Serial, string Signature, string? Request = null)
{
    [JsonPropertyOrder(-1)]
    public int V { get; init; } = 1;

    /// <summary>What is signed.</summary>
    public static byte[] Signed(string serial, string? request) => System.Text.Encoding.UTF8.GetBytes($"facility-renewal\n{serial}\n{request}");
}
