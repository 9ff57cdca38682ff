using Facility.Benchmarks;
using Facility.Benchmarks.Sections;

var sections = new (string Name, Func<Options, Task> Run)[]
{
    ("ingest", Ingest.RunAsync), ("loss", Loss.RunAsync), ("latency", Latency.RunAsync), ("overload", Overload.RunAsync), ("hub", HubClients.RunAsync),
    ("sites", Sites.RunAsync), ("alarm", Alarm.RunAsync),
};
var (chosen, options) = (new List<string>(), new Options());
for (var i = 0; i < args.Length; i++)
{
    if (args[i] == "--quick")
    {
        options = options with { Quick = true };
    }
    else if (args[i] == "--only-ours")
    {
        options = options with { OnlyOurs = true };
    }
    else if (args[i] == "--runs" && i + 1 < args.Length && int.TryParse(args[i + 1], out var runs) && runs is > 0 and <= 100)
    {
        options = options with { Runs = runs };
        i++;
    }
    else if (sections.Any(s => s.Name == args[i]))
    {
        chosen.Add(args[i]);
    }
    else
    {
        Console.Error.WriteLine($"benchmarks: '{args[i]}' is not known; allowed: {string.Join(", ", sections.Select(s => s.Name))}, --runs 1..100, --quick, --only-ours, --help");
        return 2;
    }
}

Console.WriteLine($"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC");
var failed = false;
foreach (var (name, run) in sections.Where(s => chosen.Count == 0 || chosen.Contains(s.Name)))
{
    Tables.Progress($"{name}");
    try
    {
        await run(options);
    }
    catch (TimeoutException e)
    {
        // The others are still worth their time.
        Console.Error.WriteLine($"benchmarks: {name} failed: {e.Message}");
        failed = true;
    }
}

return failed ? 1 : 0;
