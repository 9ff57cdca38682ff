using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Facility.Contracts;

/// <summary>
/// Instants on the wire: RFC 3339 with an offset (section 5.6). Written in UTC with milliseconds, read with any
/// offset and up to seven digits of a second.
/// </summary>
public static class Rfc3339
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd't'HH:mm:ss.FFFFFFFK",
    ];

    public static string Format(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static bool TryParse(string? text, out DateTimeOffset instant)
    {
        instant = default;
        return text is { Length: >= 20 and <= 40 }
            && HasOffset(text)
            && DateTimeOffset.TryParseExact(
                text.EndsWith('z') ? string.Concat(text.AsSpan(0, text.Length - 1), "Z") : text,
                Formats,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal,
                out instant);
    }

    /// <summary>Reads the form that <see cref="Format"/> writes, and no other, without a string.</summary>
    public static bool TryParseUsual(ReadOnlySpan<byte> utf8, out DateTimeOffset instant)
    {
        instant = default;
        if (utf8.Length != 24 || utf8[4] != '-' || utf8[7] != '-' || utf8[10] != 'T' || utf8[13] != ':' || utf8[16] != ':' || utf8[19] != '.' || utf8[23] != 'Z')
        {
            return false;
        }

        var (year, month, day) = (Digits(utf8[..4]), Digits(utf8.Slice(5, 2)), Digits(utf8.Slice(8, 2)));
        var (hour, minute, second, fraction) = (Digits(utf8.Slice(11, 2)), Digits(utf8.Slice(14, 2)), Digits(utf8.Slice(17, 2)), Digits(utf8.Slice(20, 3)));
        if (year < 1 || month is < 1 or > 12 || day < 1 || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 59 || fraction < 0
            || day > DateTime.DaysInMonth(year, month))
        {
            return false;
        }

        instant = new DateTimeOffset(year, month, day, hour, minute, second, fraction, TimeSpan.Zero);
        return true;
    }

    private static int Digits(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return -1;
            }

            number = (number * 10) + digit - '0';
        }

        return number;
    }

    // "K" also reads a time without an offset, as local time: a device's local time is unknown here.
    private static bool HasOffset(string text) =>
        text[^1] is 'Z' or 'z' || (text[^3] == ':' && text[^6] is '+' or '-');
}

/// <summary>JSON converter of <see cref="Rfc3339"/>.</summary>
public sealed class Rfc3339Converter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && Rfc3339.TryParse(reader.GetString(), out var instant)
            ? instant
            : throw new JsonException("not an RFC 3339 time with an offset, such as 2026-11-24T09:00:00.000Z");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Rfc3339.Format(value));
}
