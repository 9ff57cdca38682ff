using System.Text.Json;
using Facility.Contracts;
using Facility.Contracts.Mqtt;

namespace Facility.Domain.Ingestion;

/// <summary>What a row of the journal holds. Numbers are on disk: never reuse one.</summary>
public enum RowType
{
    Events = 1,
    Gap = 2,
    Reachability = 3,
    Count = 4,
    Sites = 5,
    Act = 6,
    Check = 7,
    Observed = 8,
    Frozen = 9,
}

/// <summary>
/// A row of the journal. By type: events (first and last journaled sequence number, the batch as received, and what was
/// set aside), gap (first, last), reachability (first is 0 or 1), and the others (JSON).
/// </summary>
public readonly record struct JournalRow(
    long Id, DateTimeOffset Received, string Site, string Device, RowType Type, Guid Stream, long First, long Last,
    ReadOnlyMemory<byte> Payload, ReadOnlyMemory<byte> SetAside);

/// <summary>A row to and from the fact it states.</summary>
public static class JournalDecoder
{
    /// <summary>Bytes of one set-aside event: its index in the batch, little-endian, and the reason.</summary>
    private const int MarkBytes = 3;

    /// <exception cref="FormatException">The row is damaged, or of a newer version of the server.</exception>
    public static JournalFact Decode(in JournalRow row) => row.Type switch
    {
        RowType.Events => Journaled(row.Stream, Batch(row), row.Received, row.First, row.SetAside.Span),
        RowType.Gap => new StreamGap(row.Stream, row.First, row.Last),
        RowType.Reachability => new ReachabilityChanged(row.First != 0),
        RowType.Count => Json(row, IngestionJson.Default.CountEntered),
        RowType.Sites => Revised(row),
        RowType.Act => Json(row, IngestionJson.Default.PersonActed),
        RowType.Check => Json(row, IngestionJson.Default.CabinetChecked),
        RowType.Observed => Json(row, IngestionJson.Default.Observed),
        RowType.Frozen => Json(row, IngestionJson.Default.ZonesFrozen),
        _ => throw new FormatException($"journal entry {row.Id} is of type {(int)row.Type}, which this version does not know"),
    };

    /// <summary>A fact other than events and gaps, which the pipeline writes itself.</summary>
    public static (RowType Type, long First, byte[]? Payload) Encode(JournalFact fact) => fact switch
    {
        ReachabilityChanged r => (RowType.Reachability, r.Reachable ? 1 : 0, null),
        CountEntered c => (RowType.Count, 0, JsonSerializer.SerializeToUtf8Bytes(c, IngestionJson.Default.CountEntered)),
        SitesRevised s => (RowType.Sites, 0, Revision(s)),
        PersonActed a => (RowType.Act, 0, JsonSerializer.SerializeToUtf8Bytes(a, IngestionJson.Default.PersonActed)),
        CabinetChecked c => (RowType.Check, 0, JsonSerializer.SerializeToUtf8Bytes(c, IngestionJson.Default.CabinetChecked)),
        Observed o => (RowType.Observed, 0, JsonSerializer.SerializeToUtf8Bytes(o, IngestionJson.Default.Observed)),
        ZonesFrozen z => (RowType.Frozen, 0, JsonSerializer.SerializeToUtf8Bytes(z, IngestionJson.Default.ZonesFrozen)),
        _ => throw new ArgumentException($"{fact.GetType().Name} is not appended by hand", nameof(fact)),
    };

    /// <summary>The marks of the events that are set aside; null where none is.</summary>
    public static byte[]? EncodeSetAside(IReadOnlyList<(int Index, SetAside Reason)> marks)
    {
        if (marks.Count == 0)
        {
            return null;
        }

        var bytes = new byte[marks.Count * MarkBytes];
        for (var i = 0; i < marks.Count; i++)
        {
            bytes[i * MarkBytes] = (byte)marks[i].Index;
            bytes[(i * MarkBytes) + 1] = (byte)(marks[i].Index >> 8);
            bytes[(i * MarkBytes) + 2] = (byte)marks[i].Reason;
        }

        return bytes;
    }

    /// <summary>The events of a row as the device sent them.</summary>
    public static IReadOnlyList<DeviceEvent> Sent(in JournalRow row) => Tail(Batch(row), row.First);

    /// <summary>The fact that a batch is, from the event <paramref name="first"/> on.</summary>
    public static EventsJournaled Journaled(Guid stream, EventBatch batch, DateTimeOffset received, long first, ReadOnlySpan<byte> marks)
    {
        var tail = Tail(batch, first);
        var skipped = batch.Events.Count - tail.Length;
        var events = new JournaledEvent[tail.Length];
        for (var i = 0; i < events.Length; i++)
        {
            ref readonly var e = ref tail[i];
            var (at, certain) = EventTime.Of(e, batch.ClockSynced, batch.SentAt, received);
            events[i] = new JournaledEvent(e.Seq, at, certain, e.Sensor, e.Kind, e.Value, SetAside.None);
        }

        for (var i = 0; i + MarkBytes <= marks.Length; i += MarkBytes)
        {
            var marked = (marks[i] | (marks[i + 1] << 8)) - skipped;
            if (marked >= 0)
            {
                events[marked] = events[marked] with { SetAside = (SetAside)marks[i + 2] };
            }
        }

        return new EventsJournaled(stream, events);
    }

    // The document itself, with two keys beside its own: who reads only a document finds it.
    private static byte[] Revision(SitesRevised revised)
    {
        var root = JsonSerializer.SerializeToNode(revised.Document, ApiJson.Default.SitesDocument)!;
        (root["who"], root["note"]) = (revised.Who, revised.Note);
        return System.Text.Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static SitesRevised Revised(in JournalRow row)
    {
        var by = Json(row, IngestionJson.Default.RevisedBy);
        return new SitesRevised(Json(row, ApiJson.Default.SitesDocument), by.Who ?? "", by.Note ?? "");
    }

    private static EventBatch Batch(in JournalRow row) =>
        BatchReader.Read(row.Payload).Batch ?? throw new FormatException($"journal entry {row.Id} holds no batch");

    private static DeviceEvent[] Tail(EventBatch batch, long from) =>
        from == batch.Events[0].Seq && batch.Events is DeviceEvent[] all ? all : [.. batch.Events.Where(e => e.Seq >= from)];

    private static T Json<T>(in JournalRow row, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(row.Payload.Span, type) ?? throw new FormatException($"journal entry {row.Id} is empty");
        }
        catch (JsonException e)
        {
            throw new FormatException($"journal entry {row.Id} cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>JSON of facts that no device told, as the journal keeps them.</summary>
[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
[System.Text.Json.Serialization.JsonSerializable(typeof(RevisedBy))]
[System.Text.Json.Serialization.JsonSerializable(typeof(CountEntered))]
[System.Text.Json.Serialization.JsonSerializable(typeof(PersonActed))]
[System.Text.Json.Serialization.JsonSerializable(typeof(CabinetChecked))]
[System.Text.Json.Serialization.JsonSerializable(typeof(Observed))]
[System.Text.Json.Serialization.JsonSerializable(typeof(ZonesFrozen))]
internal sealed partial class IngestionJson : System.Text.Json.Serialization.JsonSerializerContext;

/// <summary>What stands beside the document of a revision.</summary>
internal sealed record RevisedBy(string? Who = null, string? Note = null);
