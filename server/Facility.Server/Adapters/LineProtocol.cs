using System.Buffers;
using System.Globalization;
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

    /// <summary>
    /// The line of an event. Same series and time is the same point, so the stream is a tag and the sequence number makes the time
    /// unique within its millisecond. Null, with a reason, for what the protocol cannot say.
    /// </summary>
    public static string? Of(in EventPoint point, out string reason)
    {
        var at = SeriesTime.Milliseconds(point.At);
        reason = !double.IsFinite(point.Value) ? "the value is not a finite number" : OutOfRange(at);
        if (reason.Length > 0)
        {
            return null;
        }

        var line = new StringBuilder(Events, 256);
        Tag(line, "site", point.Site);
        Tag(line, "device", point.Device);
        Tag(line, "sensor", point.Sensor);
        Tag(line, "kind", point.Kind);
        line.Append(",stream=").Append(point.Stream.ToString());
        var (personsIn, personsOut) = SeriesTime.Persons(point);
        if (point.Portal is not null)
        {
            Tag(line, "portal", point.Portal);
        }

        line.Append(CultureInfo.InvariantCulture, $" value={point.Value:R}");
        if (personsIn + personsOut > 0)
        {
            line.Append(CultureInfo.InvariantCulture, $",in={personsIn}i,out={personsOut}i");
        }

        var fraction = ((point.Seq % NanosecondsPerMillisecond) + NanosecondsPerMillisecond) % NanosecondsPerMillisecond;
        return line.Append(CultureInfo.InvariantCulture, $" {(at * NanosecondsPerMillisecond) + fraction}").ToString();
    }

    /// <summary>The line of a change; of two in one millisecond the last wins.</summary>
    public static string? Of(in OccupancyChange change, out string reason)
    {
        var at = SeriesTime.Milliseconds(change.At);
        reason = OutOfRange(at);
        if (reason.Length > 0)
        {
            return null;
        }

        var line = new StringBuilder(Occupancy, 128);
        Tag(line, "site", change.Site);
        Tag(line, "zone", change.Zone);
        Tag(line, "basis", change.Basis);
        return line.Append(CultureInfo.InvariantCulture,
            $" estimate={change.Estimate}i,low={change.Low}i,high={change.High}i {at * NanosecondsPerMillisecond}").ToString();
    }

    /// <summary>A tag's value as a string literal of InfluxQL, quotes included.</summary>
    public static string Literal(string value) => $"'{Encoded(value).Replace("'", "\\'", StringComparison.Ordinal)}'";

    /// <summary>A name of a database or policy as an identifier of InfluxQL, quotes included.</summary>
    public static string Identifier(string name) =>
        $"\"{name.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    /// <summary>The name that a tag's value stands for.</summary>
    public static string Decoded(string tag) => tag == Empty ? "" : Uri.UnescapeDataString(tag);

    private static string OutOfRange(long at) =>
        at is < FirstMillisecond or > LastMillisecond ? "the time is outside 1677 to 2262, which is all that InfluxDB can hold" : "";

    internal static void Tag(StringBuilder line, string key, string value)
    {
        line.Append(',').Append(key).Append('=');
        if (value.Length > 0 && !value.AsSpan().ContainsAny(Escaped))
        {
            line.Append(value);
            return;
        }

        foreach (var character in Encoded(value))
        {
            if (character is ',' or '=' or ' ')
            {
                line.Append('\\');
            }

            line.Append(character);
        }
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
