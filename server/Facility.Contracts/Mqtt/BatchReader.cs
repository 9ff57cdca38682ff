using System.Text.Json;
using System.Text.Unicode;

namespace Facility.Contracts.Mqtt;

/// <summary>
/// Reads a batch of events, or says why it is refused. Never throws, whatever the bytes.
/// </summary>
/// <remarks>
/// Two depths of wrong (contract, section 2.1). The envelope: not JSON, a key twice, over a limit, sequence numbers with
/// a hole: the batch is refused whole. An event in a readable envelope: it keeps its sequence number, is journaled and
/// set aside with <see cref="DeviceEvent.Problem"/>, so that one bad event blocks nothing.
/// </remarks>
public static class BatchReader
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private static readonly JsonDocumentOptions Lenient = new() { AllowDuplicateProperties = true, MaxDepth = 16 };

    /// <param name="mostBytes">Larger ones are refused; a recording wraps a batch in more.</param>
    /// <returns>Exactly one of the two.</returns>
    public static (EventBatch? Batch, Refusal? Refusal) Read(ReadOnlyMemory<byte> utf8, int mostBytes = Limits.BatchBytes)
    {
        if (utf8.Length > mostBytes)
        {
            return Refuse(RefusalReasons.TooLarge, $"{utf8.Length} bytes; at most {mostBytes} are allowed", utf8);
        }

        if (!Utf8.IsValid(utf8.Span))
        {
            return Refuse(RefusalReasons.NotJson, "not UTF-8", utf8);
        }

        return PlainBatchReader.Read(utf8.Span) is { } plain ? (plain, null) : ReadAny(utf8);
    }

    /// <summary>The same for whatever comes: slower, and it says what is wrong.</summary>
    internal static (EventBatch? Batch, Refusal? Refusal) ReadAny(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Strict);
            return ReadEnvelope(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a key that is half a surrogate pair.
            return Parses(utf8)
                ? Refuse(RefusalReasons.DuplicateKey, "a key stands twice in one object", utf8)
                : Refuse(RefusalReasons.NotJson, "not JSON: " + e.Message, utf8);
        }
    }

    private static (EventBatch? Batch, Refusal? Refusal) ReadEnvelope(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            return Refuse(RefusalReasons.BadEnvelope, "not an object", null, null);
        }

        var stream = ReadStream(root);
        var first = ReadFirstSeq(root);
        if (!root.TryGetProperty("v", out var v) || !IsOne(v))
        {
            return Refuse(RefusalReasons.UnknownVersion, "v is missing or not 1", stream, first);
        }

        if (stream is null)
        {
            return Refuse(RefusalReasons.BadEnvelope, "stream is missing or not a UUID", stream, first);
        }

        if (!root.TryGetProperty("oldest", out var o) || !TryReadSeq(o, out var oldest))
        {
            return Refuse(RefusalReasons.BadEnvelope, "oldest is missing or not a whole number from 1", stream, first);
        }

        if (!root.TryGetProperty("sentAt", out var s) || !Rfc3339.TryParse(ReadText(s), out var sentAt))
        {
            return Refuse(RefusalReasons.BadEnvelope, "sentAt is missing or not an RFC 3339 time with an offset", stream, first);
        }

        if (!root.TryGetProperty("clockSynced", out var c) || c.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            return Refuse(RefusalReasons.BadEnvelope, "clockSynced is missing or not true or false", stream, first);
        }

        if (!root.TryGetProperty("events", out var list) || list.ValueKind != JsonValueKind.Array)
        {
            return Refuse(RefusalReasons.BadEnvelope, "events is missing or not a list", stream, first);
        }

        var count = list.GetArrayLength();
        if (count == 0)
        {
            return Refuse(RefusalReasons.NoEvents, "no events; 1 to 500 are allowed", stream, first);
        }

        if (count > Limits.BatchEvents)
        {
            return Refuse(RefusalReasons.TooManyEvents, $"{count} events; 1 to {Limits.BatchEvents} are allowed", stream, first);
        }

        var events = new DeviceEvent[count];
        var i = 0;
        foreach (var element in list.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("seq", out var q) || !TryReadSeq(q, out var seq)
                || (i > 0 && seq != events[i - 1].Seq + 1))
            {
                return Refuse(RefusalReasons.SeqNotContiguous, $"events[{i}].seq does not follow; each is one above the last", stream, first);
            }

            events[i++] = ReadEvent(element, seq);
        }

        return oldest > events[0].Seq
            ? Refuse(RefusalReasons.OldestAboveFirst, $"oldest {oldest} is above the first seq {events[0].Seq}", stream, first)
            : (new EventBatch(stream.Value, oldest, sentAt, c.GetBoolean(), events), null);
    }

    private static DeviceEvent ReadEvent(JsonElement element, long seq)
    {
        var sensor = element.TryGetProperty("sensor", out var s) ? ReadText(s) : null;
        var kind = element.TryGetProperty("kind", out var k) ? ReadText(k) : null;
        var hasTime = Rfc3339.TryParse(element.TryGetProperty("at", out var a) ? ReadText(a) : null, out var at);
        var hasValue = element.TryGetProperty("value", out var n) && n.ValueKind == JsonValueKind.Number;
        var value = hasValue && n.TryGetDouble(out var d) && double.IsFinite(d) ? d : double.NaN;
        var problem = kind is null or { Length: 0 or > Limits.IdLength } ? SetAside.BadKind
            : sensor is null or { Length: 0 or > Limits.IdLength } && kind != EventKinds.Lost ? SetAside.BadSensor
            : !hasTime ? SetAside.BadTime
            : !EventKinds.Allows(kind, value) ? SetAside.BadValue
            : SetAside.None;
        return new DeviceEvent(seq, at, Cut(sensor), Cut(kind), value) { Problem = problem };
    }

    private static string Cut(string? text) =>
        text is null ? "" : text.Length <= Limits.IdLength ? Intern(text) : text[..Limits.IdLength];

    // Kinds repeat in every event: one string for each of the contract's.
    private static string Intern(string text) => string.IsInterned(text) ?? text;

    private static Guid? ReadStream(JsonElement root) =>
        root.TryGetProperty("stream", out var s) && Guid.TryParseExact(ReadText(s), "D", out var id) ? id : null;

    private static long? ReadFirstSeq(JsonElement root) =>
        root.TryGetProperty("events", out var list) && list.ValueKind == JsonValueKind.Array && list.GetArrayLength() > 0
            && list[0].ValueKind == JsonValueKind.Object && list[0].TryGetProperty("seq", out var q) && TryReadSeq(q, out var seq)
            ? seq
            : null;

    private static bool IsOne(JsonElement v) => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out var n) && n == 1;

    private static bool TryReadSeq(JsonElement element, out long seq)
    {
        seq = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out seq) && seq is >= 1 and <= Limits.MaxSeq;
    }

    private static string? ReadText(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.String ? element.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which JSON can spell and UTF-16 cannot hold.
            return null;
        }
    }

    private static bool Parses(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8, Lenient);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static (EventBatch? Batch, Refusal? Refusal) Refuse(string reason, string detail, ReadOnlyMemory<byte> utf8)
    {
        var (stream, seq) = RefusedRange.Find(utf8.Span);
        return Refuse(reason, detail, stream, seq);
    }

    private static (EventBatch? Batch, Refusal? Refusal) Refuse(string reason, string detail, Guid? stream, long? seq) =>
        (null, new Refusal(reason, detail, stream, seq));
}
