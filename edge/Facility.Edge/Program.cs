using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Facility.Edge;
using Facility.Edge.Check;
using Facility.Edge.Configuration;
using Facility.Edge.Joining;
using Facility.Edge.Ports;
using Microsoft.Extensions.DependencyInjection;

var config = new Option<FileInfo>("--config") { Description = "The configuration, edge.json", Required = true };
var simulate = new Option<FileInfo?>("--simulate")
{
    Description = "Play sensors without hardware: a recorded day (CSV or JSON lines), a recorded counter (flow,date,time,count), or without a file a play of its own",
    Arity = ArgumentArity.ZeroOrOne,
};
var speed = new Option<string>("--speed") { Description = "How fast to play: a number of times, or max (a recorded counter)", DefaultValueFactory = _ => "1" };
var data = new Option<string?>("--data") { Description = "The folder of the outbox, instead of the configuration's" };
var broker = new Option<string?>("--broker") { Description = "The broker, instead of the configuration's: mqtt://host:1883 or mqtts://host:8883" };
var zone = new Option<string?>("--time-zone") { Description = "Of the script's times, such as Europe/Amsterdam; this machine's by default" };
var seed = new Option<int>("--seed") { Description = "Of the play without a file", DefaultValueFactory = _ => 1 };
var typed = new Option<bool>("--stdin") { Description = "With --simulate: play lines of standard input at once, such as: main-door 1" };
var exit = new Option<bool>("--exit-when-done") { Description = "Leave when the script has ended and all events are acknowledged" };
var root = new RootCommand("facility-edge: from the sensors of a building to the server, losing nothing")
{
    config, simulate, speed, data, broker, zone, seed, typed, exit,
};
var once = new Option<bool>("--once") { Description = "Show one reading and leave: with 0 when all could be read and the broker lets this device in, otherwise 1" };
var check = new Command("check", "Test the wiring: claim the lines and show each live, with the temperatures and the broker; Ctrl-C ends. Sends no event")
{
    config, simulate, speed, broker, zone, seed, typed, once,
};
root.Subcommands.Add(check);
root.Subcommands.Add(JoinCommand.Create(Guarded));
root.SetAction((parsed, _) => Guarded(() =>
{
    var options = ReadOptions(parsed);
    return Agent.RunAsync(() => ReadConfig(parsed, options), options);
}));
check.SetAction((parsed, _) => Guarded(async () =>
{
    var options = ReadOptions(parsed);
    using var stop = new CancellationTokenSource();
    void End(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.Cancel();
    }

    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
    await using var services = Wiring.BuildCheck(ReadConfig(parsed, options), options);
    return await services.GetRequiredService<CheckRun>().RunAsync(parsed.GetValue(once), stop.Token).ConfigureAwait(false);
}));
var result = root.Parse(args);
var code = await result.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false);
return result.Errors.Count > 0 ? 2 : code;

EdgeOptions ReadOptions(ParseResult parsed)
{
    var text = parsed.GetRequiredValue(speed);
    double? times = null;
    if (text != "max")
    {
        times = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 100_000
            ? number
            : throw new StartException($"--speed {text} is not allowed; allowed is a number above 0, to 100000, or max");
    }

    var name = parsed.GetValue(zone);
    if (!TimeZoneInfo.TryFindSystemTimeZoneById(name ?? "UTC", out var itsZone))
    {
        throw new StartException($"--time-zone {name} is not known; allowed is a name such as Europe/Amsterdam");
    }

    var isSimulated = parsed.GetResult(simulate) is not null;
    return isSimulated || !parsed.GetValue(typed)
        ? new EdgeOptions(
            parsed.GetRequiredValue(config), isSimulated, parsed.GetValue(simulate), times, parsed.GetValue(data), name is null ? TimeZoneInfo.Local : itsZone,
            parsed.GetValue(seed), parsed.GetValue(typed), parsed.GetValue(exit))
        : throw new StartException("--stdin is for --simulate");
}

EdgeConfig ReadConfig(ParseResult parsed, EdgeOptions options) =>
    WithBroker(ConfigReader.ReadFile(options.Config.FullName, options.Simulate), parsed.GetValue(broker));

static EdgeConfig WithBroker(EdgeConfig config, string? url) => url switch
{
    null => config,
    _ when BrokerConfig.IsBroker(url, out var uri) => config with { Broker = config.Broker with { Url = uri } },
    _ => throw new StartException($"--broker {url} is not allowed; allowed is mqtt://host:1883 or mqtts://host:8883"),
};

static async Task<int> Guarded(Func<Task<int>> run)
{
    try
    {
        return await run().ConfigureAwait(false);
    }
    catch (ConfigException e)
    {
        foreach (var problem in e.Problems)
        {
            await Console.Error.WriteLineAsync("configuration: " + problem).ConfigureAwait(false);
        }
    }
    catch (Exception e) when (e is StartException or PinsException or IOException or UnauthorizedAccessException)
    {
        await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
    }

    return 2;
}
