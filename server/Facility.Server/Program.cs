using System.CommandLine;
using Facility.Server;
using Facility.Server.Commands;

// A wrong command line ends with 2, a server that cannot start with 1; both say why and what to do.
var root = new ServerCommandLine().Root(FacilityServer.RunAsync);
root.Subcommands.Add(ReplayCommand.Create());
root.Subcommands.Add(ForecastCommand.Create());
root.Subcommands.Add(SitesCommand.Create(Wiring.OpenStoppedJournal));
root.Subcommands.Add(Wiring.OnCallCommand());
root.Subcommands.Add(TokenCommand.Create(Wiring.OpenAccess, TimeProvider.System));
root.Subcommands.Add(AccountCommand.Create(Wiring.OpenAccess, TimeProvider.System));
root.Subcommands.Add(HealthCommand.Create());
root.Subcommands.Add(WatchCommand.Create());
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
    {
        Console.Error.WriteLine(error.Message);
    }

    Console.Error.WriteLine("facility-server --help tells what is allowed.");
    return 2;
}

// The host stops by itself when it is asked to; the library's own limit of 2 s would cut it short.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
