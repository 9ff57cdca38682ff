using System.Globalization;
using System.Text.Json;

namespace Facility.Edge.Simulation;

/// <summary>One thing that happens in a recorded day.</summary>
internal readonly record struct DayMoment(TimeSpan Time, string Sensor, double Value);

/// <summary>
/// A recorded day: CSV with a header of <c>time,sensor,value</c> and optionally <c>site</c> and <c>kind</c> in any order, or
/// lines of JSON with those keys. <c>time</c> is the local time of day, <c>HH:MM:SS</c>; lines of other sites are passed over.
/// </summary>
internal static class DayScript
{
    /// <exception cref="FormatException">A line is not as above; the message says which.</exception>
    public static IReadOnlyList<DayMoment> Read(IEnumerable<string> lines, bool json, string site)
    {
        var moments = new List<DayMoment>();
        string[]? header = null;
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (string.IsNullOrWhiteSpace(line) || line[0] == '#')
            {
                continue;
            }

            if (!json && header is null)
            {
                header = [.. line.Split(',').Select(name => name.Trim())];
                continue;
            }

            var fields = json ? JsonFields(line, number) : CsvFields(header!, line);
            if (fields.TryGetValue("site", out var its) && its.Length > 0 && its != site)
            {
                continue;
            }

            if (!TimeSpan.TryParseExact(fields.GetValueOrDefault("time"), @"hh\:mm\:ss", CultureInfo.InvariantCulture, out var time)
                || !fields.TryGetValue("sensor", out var sensor)
                || !double.TryParse(fields.GetValueOrDefault("value"), NumberStyles.Float, CultureInfo.InvariantCulture, out var value))
            {
                throw new FormatException($"line {number}: \"{line}\" has no time (HH:MM:SS), sensor and value (a number)");
            }

            moments.Add(new DayMoment(time, sensor, value));
        }

        return [.. moments.OrderBy(moment => moment.Time)];
    }

    private static Dictionary<string, string> CsvFields(string[] header, string line)
    {
        var values = line.Split(',');
        return header.Zip(values).GroupBy(pair => pair.First).ToDictionary(pairs => pairs.Key, pairs => pairs.First().Second.Trim());
    }

    private static Dictionary<string, string> JsonFields(string line, int number)
    {
        try
        {
            using var document = JsonDocument.Parse(line, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.EnumerateObject().ToDictionary(property => property.Name, property => property.Value.ToString())
                : throw new FormatException($"line {number}: not a JSON object");
        }
        catch (JsonException e)
        {
            throw new FormatException($"line {number}: not JSON: {e.Message}", e);
        }
    }
}
