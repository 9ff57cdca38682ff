using System.Text.Json;
using System.Text.Json.Serialization;

namespace Facility.Contracts.Mqtt;

/// <summary>Source-generated JSON of the MQTT messages. Unknown fields are ignored; a key twice is an error.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    MaxDepth = 16,
    Converters = [typeof(Rfc3339Converter)])]
[JsonSerializable(typeof(EventBatch))]
[JsonSerializable(typeof(Ack))]
[JsonSerializable(typeof(DeviceCommand))]
[JsonSerializable(typeof(DeviceStatus))]
[JsonSerializable(typeof(CertificateRenewal))]
internal sealed partial class WireJson : JsonSerializerContext;

/// <summary>
/// Messages to and from bytes. Reading never throws, whatever the bytes: a message other than a batch that cannot be
/// read is null. Batches have a reader of their own, <see cref="BatchReader"/>, since one bad event must not hide the rest.
/// </summary>
public static class WireCodec
{
    public static byte[] Write(EventBatch batch) => JsonSerializer.SerializeToUtf8Bytes(batch, WireJson.Default.EventBatch);

    public static byte[] Write(Ack ack) => JsonSerializer.SerializeToUtf8Bytes(ack, WireJson.Default.Ack);

    public static byte[] Write(DeviceCommand command) => JsonSerializer.SerializeToUtf8Bytes(command, WireJson.Default.DeviceCommand);

    public static byte[] Write(DeviceStatus status) => JsonSerializer.SerializeToUtf8Bytes(status, WireJson.Default.DeviceStatus);

    public static byte[] Write(CertificateRenewal renewal) => JsonSerializer.SerializeToUtf8Bytes(renewal, WireJson.Default.CertificateRenewal);

    public static CertificateRenewal? ReadRenewal(ReadOnlySpan<byte> utf8) =>
        utf8.Length <= Limits.RenewalBytes && Read(utf8, WireJson.Default.CertificateRenewal) is { V: 1 } renewal ? renewal : null;

    public static Ack? ReadAck(ReadOnlySpan<byte> utf8) =>
        Read(utf8, WireJson.Default.Ack) is { V: 1, Seq: >= 0 and <= Limits.MaxSeq } ack ? ack : null;

    public static DeviceCommand? ReadCommand(ReadOnlySpan<byte> utf8) =>
        Read(utf8, WireJson.Default.DeviceCommand) is { V: 1 } command ? command : null;

    public static DeviceStatus? ReadStatus(ReadOnlySpan<byte> utf8) =>
        Read(utf8, WireJson.Default.DeviceStatus) is { V: 1, State: DeviceStatus.Online or DeviceStatus.Offline } status
            && status.Sensors?.Any(level => level is null) != true
            ? status
            : null;

    private static T? Read<T>(ReadOnlySpan<byte> utf8, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        if (utf8.Length > Limits.BatchBytes || !System.Text.Unicode.Utf8.IsValid(utf8))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(utf8, type);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            return null;
        }
    }
}
