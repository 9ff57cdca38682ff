using System.Globalization;

namespace Facility.Edge.Simulation;

/// <summary>
/// A recorded counter of a door, as CalIt2 of the UCI archive has it: <c>flow,date,time,count</c>, flow 9 in and 7 out, one row for each half hour.
/// </summary>
/// <param name="Steps">+1 in, -1 out, at times spread evenly within each half hour, rising.</param>
internal sealed record CounterRecording(IReadOnlyList<(DateTimeOffset At, int Step)> Steps)
{
    public const string Header = "flow,date,time,count";
    private const int MostInHalfHour = 5000;
    private static readonly TimeSpan HalfHour = TimeSpan.FromMinutes(30);

    public int In => Steps.Count(step => step.Step > 0);

    public int Out => Steps.Count - In;

    /// <exception cref="FormatException">A line is not as above; the message says which.</exception>
    public static CounterRecording Read(IEnumerable<string> lines, TimeZoneInfo zone)
    {
        var halfHours = new SortedDictionary<DateTime, (int In, int Out)>();
        var number = 0;
        foreach (var line in lines)
        {
            number++;
            if (number == 1 || line.Length == 0)
            {
                continue;
            }

            var parts = line.Split(',');
            if (parts.Length != 4 || parts[0] is not ("7" or "9")
                || !DateTime.TryParseExact($"{parts[1]} {parts[2]}", "MM/dd/yy HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var start)
                || !int.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > MostInHalfHour)
            {
                throw new FormatException($"line {number}: \"{line}\" is not {Header} with flow 9 (in) or 7 (out), MM/dd/yy, HH:mm:ss and a count from 0 to {MostInHalfHour}");
            }

            var (inside, outside) = halfHours.GetValueOrDefault(start);
            halfHours[start] = parts[0] == "9" ? (inside + count, outside) : (inside, outside + count);
        }

        return new CounterRecording([.. halfHours.SelectMany(half => Spread(half.Key, half.Value.In, half.Value.Out, zone)).OrderBy(step => step.At)]);
    }

    // In and out take turns as evenly as their numbers allow.
    private static IEnumerable<(DateTimeOffset At, int Step)> Spread(DateTime start, int inside, int outside, TimeZoneInfo zone)
    {
        var local = zone.IsInvalidTime(start) ? start.AddHours(1) : start;
        var utc = new DateTimeOffset(local, zone.GetUtcOffset(local)).ToUniversalTime();
        var total = inside + outside;
        for (var i = 0; i < total; i++)
        {
            var isIn = (long)(i + 1) * inside / total > (long)i * inside / total;
            yield return (utc + HalfHour * (i + 0.5) / total, isIn ? 1 : -1);
        }
    }
}
