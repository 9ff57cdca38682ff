using System.Globalization;
using Facility.Accuracy;

// dotnet run -c Release --project tests/Facility.Accuracy -- FOLDER [SEEDS]
// Prints, per trace, the mean absolute error of the estimator live and in hindsight beside plain counters, and its interval.
var seeds = 2;
if (args.Length is < 1 or > 2 || !Directory.Exists(args[0]) || (args.Length == 2 && (!int.TryParse(args[1], CultureInfo.InvariantCulture, out seeds) || seeds is < 1 or > 1000)))
{
    Console.Error.WriteLine("accuracy FOLDER [SEEDS]: FOLDER has the true head counts (sdu-room1.csv, sdu-room2.csv, robod-room1.csv); SEEDS is how many error draws, 1 to 1000, 2 by default");
    return 2;
}

var counts = HeadCounts.Load(args[0]);
var trials = new List<Trial>();
foreach (var doors in Doors.All)
{
    for (var seed = 1; seed <= seeds; seed++)
    {
        foreach (var c in counts)
        {
            trials.Add(Simulation.Room(c, doors, seed, 1, false, false));
            trials.Add(Simulation.Room(c, doors, seed + 10, 2, true, false));
            trials.Add(Simulation.Room(c, doors, seed + 20, 1, true, true));
        }

        trials.Add(Simulation.Rooms(counts[0], counts[1], doors, seed + 30, seed % 2 == 0));
    }
}

Console.WriteLine($"{"trace",-40}{"raw",7}{"midn.",7}{"pres.",7}{"live",7}{"ratio",7}{"cover",7}{"width",7}{"needed",7}{"recon",7}{"ratio",7}{"cover",7}{"width",7}");
var results = new List<(Trial Trial, Result Row)>();
foreach (var trial in trials)
{
    foreach (var row in new Race(trial).Run())
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{trial.Name + " " + row.Zone,-40}{row.Raw,7:f3}{row.Midnight,7:f3}{row.Presence,7:f3}{row.Live.Error,7:f3}{row.Ratio(row.Live),7:f2}{row.Live.Coverage,7:p0}{row.Live.Width,7:f2}{row.Live.Needed,7:f2}{row.Reconciled.Error,7:f3}{row.Ratio(row.Reconciled),7:f2}{row.Reconciled.Coverage,7:p0}{row.Reconciled.Width,7:f2}"));
        results.Add((trial, row));
    }
}

foreach (var doors in Doors.All)
{
    var rows = results.Where(r => r.Trial.Name.StartsWith(doors.Name, StringComparison.Ordinal)).Select(r => r.Row).ToArray();
    double[] live = [.. rows.Select(r => r.Ratio(r.Live))];
    double[] hindsight = [.. rows.Select(r => r.Ratio(r.Reconciled))];
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{doors.Name} doors, {rows.Length} rows: best plain counter {rows.Average(r => r.Best):f2} persons off, live {rows.Average(r => r.Live.Error):f2}, reconciled {rows.Average(r => r.Reconciled.Error):f2}"));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  geometric mean of the ratios: live {Mean(live):f3} (worst {live.Max():f2}, {live.Count(r => r > 0.9)} over 0.9), reconciled {Mean(hindsight):f3} (worst {hindsight.Max():f2})"));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"  coverage live {rows.Average(r => r.Live.Coverage):p1} (least {rows.Min(r => r.Live.Coverage):p0}), mean width {rows.Average(r => r.Live.Width):f2}, needed for 90% {rows.Average(r => r.Live.Needed):f2}; reconciled {rows.Average(r => r.Reconciled.Coverage):p1}, {rows.Average(r => r.Reconciled.Width):f2}"));
}

Console.WriteLine(Cost.Line());
foreach (var line in DoorYears.Lines())
{
    Console.WriteLine(line);
}

return 0;

static double Mean(double[] ratios) => Math.Exp(ratios.Average(r => Math.Log(Math.Max(1e-3, r))));
