using System.Text.Json;

namespace Facility.Contracts.Mqtt;

/// <summary>
/// Finds the stream and the first sequence number in a batch that cannot be read as a whole, so that the device can be
/// told which range to send again event by event. Reads tokens as far as they go; what is not found is null.
/// </summary>
internal static class RefusedRange
{
    public static (Guid? Stream, long? Seq) Find(ReadOnlySpan<byte> utf8)
    {
        Guid? stream = null;
        long? seq = null;
        var reader = new Utf8JsonReader(utf8, isFinalBlock: false, new JsonReaderState(new JsonReaderOptions { MaxDepth = 16 }));
        try
        {
            while ((stream is null || seq is null) && reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    continue;
                }

                var isStream = reader.CurrentDepth == 1 && reader.ValueTextEquals("stream"u8);
                var isSeq = reader.CurrentDepth == 3 && reader.ValueTextEquals("seq"u8);
                if (!reader.Read())
                {
                    break;
                }

                if (isStream && reader.TokenType == JsonTokenType.String && Guid.TryParseExact(reader.GetString(), "D", out var id))
                {
                    stream ??= id;
                }
                else if (isSeq && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number >= 1)
                {
                    seq ??= number;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The end of what can be read.
        }

        return (stream, seq);
    }
}
