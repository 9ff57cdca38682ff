using System.CommandLine;
using System.Globalization;
using Facility.Contracts.Places;
using Facility.Domain.Occupancy;
using Facility.Domain.Trends;

namespace Facility.Server.Commands;

/// <summary>
/// <c>facility-server forecast</c>: how far the forecast of a day is off on the recorded counts of a door, beside the same hour of last
/// week and the median of past weeks. The counts (<c>flow,date,time,count</c>; flow 9 is in, 7 is out) are by half hours of local time.
/// </summary>
public static class ForecastCommand
{
    private const int BadInput = 2;
    private const string Portal = "door";

    public static Command Create()
    {
        var counts = new Option<string>("--counts") { Required = true, Description = "CSV of flow,date,time,count: flow 9 in and 7 out, date as MM/dd/yy" };
        var weeks = new Option<int>("--weeks") { DefaultValueFactory = _ => 8, Description = "Past weeks that are normal" };
        var command = new Command("forecast", "Measures the forecast of a day on recorded counts") { counts, weeks };
        command.SetAction(parsed => Run(parsed.GetValue(counts)!, parsed.GetValue(weeks), Console.Out, Console.Error));
        return command;
    }

    /// <returns>The exit code: 0, or 2 for bad input, which is then told on <paramref name="errors"/>.</returns>
    public static int Run(string path, int weeks, TextWriter output, TextWriter errors)
    {
        if (weeks is < Normal.FewestDays or > 52)
        {
            errors.WriteLine($"--weeks {weeks} is not allowed: give {Normal.FewestDays} to 52");
            return BadInput;
        }

        var counts = new List<(DateTimeOffset At, bool In, int Count)>();
        try
        {
            foreach (var (line, number) in File.ReadLines(path).Select((line, i) => (line, i + 1)).Skip(1))
            {
                if (Read(line) is not { } count)
                {
                    errors.WriteLine($"{path}, line {number}: {line} is not flow,date,time,count such as 9,07/24/05,09:30:00,4, with flow 9 or 7");
                    return BadInput;
                }

                counts.Add(count);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"{path} cannot be read: {e.Message}");
            return BadInput;
        }

        var local = new LocalCalendar(TimeZoneInfo.Utc);
        var end = counts.Select(c => c.At).DefaultIfEmpty().Max().AddMinutes(30);
        var visits = HourTable.Sums([.. counts.Where(c => c.In).Select(c => (c.At, c.Count))], local, end);
        output.WriteLine("what,from,days,forecasts,mean error,median of past weeks,same hour last week,of last week,in the band,busier days");
        Print("visits an hour", visits);
        Print("persons present", HourTable.Means(Occupancy(counts), local));
        return 0;

        void Print(string what, Dictionary<DateOnly, double?[]> history)
        {
            var trial = ForecastTrial.Of(history, weeks, _ => DayKind.Ordinary);
            Row("the rest of the day", trial.Rest);
            Row("the coming hour", trial.Next);

            void Row(string from, TrialResult r) => output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{what},{from},{trial.Days},{r.Pairs},{r.Forecast:0.00},{r.Median:0.00},{r.LastWeek:0.00},{r.Forecast / r.LastWeek:0.00},{r.Covered:0.00},{trial.BusierDays}"));
        }
    }

    // How many were in: each day reconciled, so that it begins and ends empty.
    private static IEnumerable<OccupancySum> Occupancy(IEnumerable<(DateTimeOffset At, bool In, int Count)> counts)
    {
        var site = new Site("counted", "", "UTC", 1, [new Zone("building", "")], [new Portal(Portal, Portal, Site.Outside, "building")], []);
        foreach (var day in counts.GroupBy(c => DateOnly.FromDateTime(c.At.DateTime)).OrderBy(d => d.Key))
        {
            var (start, end) = (At(day.Key, TimeOnly.MinValue), At(day.Key.AddDays(1), TimeOnly.MinValue));
            var passages = day.Where(c => c.Count > 0).Select(c => new DayFact(c.At, Portal, c.In ? c.Count : -c.Count));
            var steps = Reconciler.Reconcile(site, passages, start, end).Where(s => s.Zone == Site.WholeSite).Select(s => s.Step).ToArray();
            foreach (var sum in TimeWeighted.Sums(steps, start, end, QuarterHour.Length, start))
            {
                yield return sum;
            }
        }
    }

    private static (DateTimeOffset At, bool In, int Count)? Read(string line)
    {
        var fields = line.Split(',');
        return fields is ["7" or "9", _, _, _]
            && DateOnly.TryParseExact(fields[1], "MM/dd/yy", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && TimeOnly.TryParseExact(fields[2], "HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            && int.TryParse(fields[3], NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= 100_000
            ? (At(day, time), fields[0] == "9", count)
            : null;
    }

    // The recorded clock, as if it were UTC: hours and days are its own.
    private static DateTimeOffset At(DateOnly day, TimeOnly time) => new(day.ToDateTime(time), TimeSpan.Zero);
}
