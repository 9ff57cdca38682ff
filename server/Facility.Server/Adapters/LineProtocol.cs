using System.Buffers;
using System.Text;
using Facility.Server.Ports;

namespace Facility.Server.Adapters;

/// <summary>
/// Points as lines of InfluxDB's line protocol, and names as literals of InfluxQL. The protocol has no escape for a line break or for
/// a backslash at the end of a tag, nor an empty tag: those are percent-encoded here (and <c>%</c> too, so that it decodes), the rest
/// is escaped as its specification says. So no name can end a tag, a line or a query.
/// </summary>
internal static class LineProtocol
{
    public const string Events = "event";
    public const string Occupancy = "occupancy";

    /// <summary>Times in ms that InfluxDB can hold in ns: 1677 to 2262.</summary>
    public const long FirstMillisecond = -9_223_372_036_854, LastMillisecond = 9_223_372_036_853;

    private const int NanosecondsPerMillisecond = 1_000_000;
    private const string Empty = "%";

    // Control characters, the percent sign and the backslash; with them those that the protocol escapes.
    private static readonly SearchValues<char> Unsayable = SearchValues.Create([.. Enumerable.Range(0, 160).Select(c => (char)c).Where(c => c is '%' or '\\' || char.IsControl(c))]);
    private static readonly SearchValues<char> Escaped = SearchValues.Create([.. Enumerable.Range(0, 160).Select(c => (char)c).Where(c => c is '%' or '\\' or ',' or '=' or ' ' || char.IsControl(c))]);

    /// <summary>What the protocol cannot say of an event; null when it can say all.</summary>
    public static string? Unsaid(in EventPoint point) => double.IsFinite(point.Value) ? OutOfRange(point.At) : "the value is not a finite number";

    public static string? Unsaid(in OccupancyChange change) => OutOfRange(change.At);

    /// <summary>
    /// The line of an event. Same series and time is the same point, so the stream is a tag and the sequence number makes the time
    /// unique within its millisecond.
    /// </summary>
    /// <param name="last">The event of the line before, and where its tags stand: those of one batch are mostly the same.</param>
    public static void Write(Lines lines, in EventPoint point, ref (EventPoint Point, int From, int Length) last)
    {
        var from = lines.Length;
        if (last.Length > 0 && HaveSameTags(last.Point, point))
        {
            lines.Again(last.From, last.Length);
        }
        else
        {
            lines.Text(Events);
            Tag(lines, ",site=", point.Site);
            Tag(lines, ",device=", point.Device);
            Tag(lines, ",sensor=", point.Sensor);
            Tag(lines, ",kind=", point.Kind);
            lines.Text(",stream=").Formatted(point.Stream, "D");
            if (point.Portal is not null)
            {
                Tag(lines, ",portal=", point.Portal);
            }
        }

        last = (point, from, lines.Length - from);
        lines.Text(" value="u8).Number(point.Value);
        var (personsIn, personsOut) = SeriesTime.Persons(point);
        if (personsIn + personsOut > 0)
        {
            lines.Text(",in="u8).Number(personsIn).Text("i,out="u8).Number(personsOut).Text("i"u8);
        }

        var fraction = ((point.Seq % NanosecondsPerMillisecond) + NanosecondsPerMillisecond) % NanosecondsPerMillisecond;
        lines.Text(" "u8).Number((SeriesTime.Milliseconds(point.At) * NanosecondsPerMillisecond) + fraction).End();
    }

    /// <summary>The line of a change; of two in one millisecond the last wins.</summary>
    public static void Write(Lines lines, in OccupancyChange change)
    {
        lines.Text(Occupancy);
        Tag(lines, ",site=", change.Site);
        Tag(lines, ",zone=", change.Zone);
        Tag(lines, ",basis=", change.Basis);
        lines.Text(" estimate="u8).Number(change.Estimate).Text("i,low="u8).Number(change.Low).Text("i,high="u8).Number(change.High)
            .Text("i "u8).Number(SeriesTime.Milliseconds(change.At) * NanosecondsPerMillisecond).End();
    }

    /// <summary>A tag's value as a string literal of InfluxQL, quotes included.</summary>
    public static string Literal(string value) => $"'{Encoded(value).Replace("'", "\\'", StringComparison.Ordinal)}'";

    /// <summary>A name of a database or policy as an identifier of InfluxQL, quotes included.</summary>
    public static string Identifier(string name) =>
        $"\"{name.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    /// <summary>The name that a tag's value stands for.</summary>
    public static string Decoded(string tag) => tag == Empty ? "" : Uri.UnescapeDataString(tag);

    private static string? OutOfRange(DateTimeOffset at) => SeriesTime.Milliseconds(at) is < FirstMillisecond or > LastMillisecond
        ? "the time is outside 1677 to 2262, which is all that InfluxDB can hold" : null;

    private static bool HaveSameTags(in EventPoint one, in EventPoint other) =>
        one.Site == other.Site && one.Device == other.Device && one.Sensor == other.Sensor && one.Kind == other.Kind && one.Stream == other.Stream
        && one.Portal == other.Portal;

    internal static void Tag(Lines lines, string key, string value)
    {
        lines.Text(key);
        if (value.Length > 0 && !value.AsSpan().ContainsAny(Escaped))
        {
            lines.Text(value);
            return;
        }

        var escaped = new StringBuilder();
        foreach (var character in Encoded(value))
        {
            escaped.Append(character is ',' or '=' or ' ' ? "\\" : "").Append(character);
        }

        lines.Text(escaped.ToString());
    }

    private static string Encoded(string value)
    {
        if (value.Length == 0)
        {
            return Empty;
        }

        if (!value.AsSpan().ContainsAny(Unsayable))
        {
            return value;
        }

        var encoded = new StringBuilder(value.Length + 8);
        foreach (var character in value)
        {
            if (character is '%' or '\\' || char.IsControl(character))
            {
                encoded.Append(Uri.EscapeDataString(character.ToString()));
            }
            else
            {
                encoded.Append(character);
            }
        }

        return encoded.ToString();
    }
}
