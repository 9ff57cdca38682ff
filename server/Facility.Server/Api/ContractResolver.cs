using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Facility.Contracts;
using MessagePack;
using MessagePack.Formatters;
using MessagePack.Resolvers;

namespace Facility.Server.Api;

/// <summary>
/// MessagePack of the hub's shapes with the same names and forms as their JSON, by going through it: one definition of a
/// shape, and a client may take either protocol. A state is a few kilobytes, sent when it changes.
/// </summary>
public sealed class ContractResolver : IFormatterResolver
{
    public static readonly ContractResolver Instance = new();

    public IMessagePackFormatter<T>? GetFormatter<T>() => Cache<T>.Formatter;

    private static class Cache<T>
    {
        public static readonly IMessagePackFormatter<T>? Formatter =
            typeof(T) != typeof(string[]) && ApiJson.Default.GetTypeInfo(typeof(T)) is JsonTypeInfo<T> type && type.Kind == JsonTypeInfoKind.Object
                ? new ThroughJson<T>(type)
                : StandardResolver.Instance.GetFormatter<T>();
    }

    private sealed class ThroughJson<T>(JsonTypeInfo<T> type) : IMessagePackFormatter<T>
    {
        public void Serialize(ref MessagePackWriter writer, T value, MessagePackSerializerOptions options)
        {
            using var json = new StringReader(JsonSerializer.Serialize(value, type));
            MessagePackSerializer.ConvertFromJson(json, ref writer, options);
        }

        public T Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
        {
            using var json = new StringWriter();
            MessagePackSerializer.ConvertToJson(ref reader, json, options);
            return JsonSerializer.Deserialize(json.ToString(), type)!;
        }
    }
}
