using System.Buffers.Text;
using System.Text.Json;

namespace Facility.Contracts.Mqtt;

/// <summary>
/// Reads a batch that is as the contract's example is: the known keys once, plain values, nothing wrong. That is nearly every
/// batch, and this takes a fraction of the time and memory. Anything else gives null, and <see cref="BatchReader"/> reads it
/// slowly and says what is wrong: this one judges nothing.
/// </summary>
internal static class PlainBatchReader
{
    private const int MostEvents = Limits.BatchEvents;

    /// <param name="utf8">Valid UTF-8 within the size limit.</param>
    public static EventBatch? Read(ReadOnlySpan<byte> utf8)
    {
        try
        {
            return ReadEnvelope(utf8);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static EventBatch? ReadEnvelope(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = 16 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        var (stream, oldest, sentAt, synced) = (Guid.Empty, 0L, default(DateTimeOffset), false);
        DeviceEvent[]? events = null;
        var seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.ValueTextEquals("v"u8) ? 1 : reader.ValueTextEquals("stream"u8) ? 2 : reader.ValueTextEquals("oldest"u8) ? 4
                : reader.ValueTextEquals("sentAt"u8) ? 8 : reader.ValueTextEquals("clockSynced"u8) ? 16 : reader.ValueTextEquals("events"u8) ? 32 : 0;
            if (key == 0 || (seen & key) != 0 || !reader.Read())
            {
                return null;
            }

            seen |= key;
            var good = key switch
            {
                1 => reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var v) && v == 1,
                2 => IsPlainText(reader) && Utf8Parser.TryParse(reader.ValueSpan, out stream, out var used, 'D') && used == reader.ValueSpan.Length,
                4 => TrySeq(ref reader, out oldest),
                8 => TryTime(ref reader, out sentAt),
                16 => TryBool(ref reader, out synced),
                _ => (events = ReadEvents(ref reader)) is not null,
            };
            if (!good)
            {
                return null;
            }
        }

        return seen == 63 && reader.TokenType == JsonTokenType.EndObject && !reader.Read() && oldest <= events![0].Seq
            ? new EventBatch(stream, oldest, sentAt, synced, events)
            : null;
    }

    private static DeviceEvent[]? ReadEvents(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            return null;
        }

        var events = new DeviceEvent[1];
        var count = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (count == events.Length)
            {
                Array.Resize(ref events, Math.Min(MostEvents, events.Length * 8));
            }

            if (count == MostEvents || !TryEvent(ref reader, count == 0 ? default : events[count - 1], out events[count]))
            {
                return null;
            }

            count++;
        }

        if (count == 0 || reader.TokenType != JsonTokenType.EndArray)
        {
            return null;
        }

        Array.Resize(ref events, count);
        return events;
    }

    private static bool TryEvent(ref Utf8JsonReader reader, in DeviceEvent last, out DeviceEvent read)
    {
        var (seq, at, sensor, kind, value) = (0L, default(DateTimeOffset), "", "", 0.0);
        read = default;
        var seen = 0;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = reader.ValueTextEquals("seq"u8) ? 1 : reader.ValueTextEquals("at"u8) ? 2 : reader.ValueTextEquals("sensor"u8) ? 4
                : reader.ValueTextEquals("kind"u8) ? 8 : reader.ValueTextEquals("value"u8) ? 16 : 0;
            if (key == 0 || (seen & key) != 0 || !reader.Read())
            {
                return false;
            }

            seen |= key;
            var good = key switch
            {
                1 => TrySeq(ref reader, out seq) && (last.Seq == 0 || seq == last.Seq + 1),
                2 => TryTime(ref reader, out at),
                4 => TryText(ref reader, last.Sensor, out sensor),
                8 => TryText(ref reader, last.Kind ?? EventKinds.Passage, out kind),
                _ => reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out value),
            };
            if (!good)
            {
                return false;
            }
        }

        read = new DeviceEvent(seq, at, sensor, kind, value);
        return seen == 31 && reader.TokenType == JsonTokenType.EndObject && double.IsFinite(value) && EventKinds.Allows(kind, value);
    }

    private static bool TrySeq(ref Utf8JsonReader reader, out long seq)
    {
        seq = 0;
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out seq) && seq is >= 1 and <= Limits.MaxSeq;
    }

    private static bool TryBool(ref Utf8JsonReader reader, out bool value)
    {
        value = reader.TokenType == JsonTokenType.True;
        return value || reader.TokenType == JsonTokenType.False;
    }

    // Sensors and kinds repeat from event to event: then it is the same string.
    private static bool TryText(ref Utf8JsonReader reader, string? likely, out string text)
    {
        text = "";
        if (!IsPlainText(reader) || reader.ValueSpan.Length is 0 or > Limits.IdLength)
        {
            return false;
        }

        if (likely is not null && reader.ValueTextEquals(likely))
        {
            text = likely;
            return true;
        }

        var read = reader.GetString()!;
        text = string.IsInterned(read) ?? read;
        return true;
    }

    private static bool TryTime(ref Utf8JsonReader reader, out DateTimeOffset time)
    {
        time = default;
        return IsPlainText(reader) && (Rfc3339.TryParseUsual(reader.ValueSpan, out time) || Rfc3339.TryParse(reader.GetString(), out time));
    }

    private static bool IsPlainText(in Utf8JsonReader reader) => reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped;
}
