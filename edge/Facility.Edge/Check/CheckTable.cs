using System.Globalization;

namespace Facility.Edge.Check;

/// <summary>What an installer sees: a row for each line and temperature, and one for the broker. Pure.</summary>
internal static class CheckTable
{
    private static readonly string[] Head = ["sensor", "kind", "pin", "level", "volt", "meaning", "changes", "last change"];

    /// <param name="width">Longer rows are cut off.</param>
    public static IReadOnlyList<string> Render(
        IReadOnlyList<CheckedLine> lines, IReadOnlyList<CheckedTemperature> temperatures, string url, CheckedBroker? broker, DateTimeOffset now, int width = int.MaxValue)
    {
        string[][] cells =
        [
            Head,
            .. lines.Select(line => (string[])
            [
                line.Sensor.Id, line.Sensor.Kind, line.Line.Pin.ToString(CultureInfo.InvariantCulture), line.Active, line.Voltage, line.Meaning,
                line.Changes.ToString(CultureInfo.InvariantCulture), line.Last is { } last ? Ago(now - last) : "never",
            ]),
        ];
        var widths = Enumerable.Range(0, Head.Length).Select(i => cells.Max(row => row[i].Length)).ToArray();
        var idWidth = temperatures.Select(t => t.Sensor.Id.Length).Append(widths[0]).Max();
        widths[0] = idWidth;
        IEnumerable<string> rows =
        [
            .. cells.Select(row => string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd()),
            .. temperatures.Select(t => $"{t.Sensor.Id.PadRight(idWidth)}  {t.Sensor.Kind}  {t.Reading}"),
            $"{"broker".PadRight(idWidth)}  {url}  {broker?.Told ?? "connecting ..."}",
        ];
        return [.. rows.Select(row => row.Length > width ? row[..width] : row)];
    }

    private static string Ago(TimeSpan passed) => passed.TotalSeconds < 60
        ? FormattableString.Invariant($"{Math.Max(0, passed.TotalSeconds):0.0} s ago")
        : FormattableString.Invariant($"{(int)passed.TotalMinutes} min {passed.Seconds} s ago");
}
