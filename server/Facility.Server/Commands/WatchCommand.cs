using System.CommandLine;
using Facility.Contracts.Mqtt;
using Facility.Server.OnCall;

namespace Facility.Server.Commands;

/// <summary><c>facility-server watch</c>: takes the calls of a server's <c>--watch-url</c>, and pages people by itself when they stay away.</summary>
public static class WatchCommand
{
    public static Command Create()
    {
        var listen = ServerCommandLine.Text("--listen", "Where to take the calls, at /alive: http://host:port.", "http://localhost:8090");
        var file = new Option<string>("--file") { Description = "The on-call file with people and their channels.", Required = true };
        var after = new Option<double>("--after") { Description = "Minutes without a call after which people are told; 3 suits a server, which calls every minute.", DefaultValueFactory = _ => 3 };
        var notify = new Option<string[]>("--notify") { Description = "person:ID, roster:ID or everybody; may be given more than once.", Required = true, AllowMultipleArgumentsPerToken = true };
        var (channels, broker) = (new ChannelCommandLine(), new BrokerCommandLine(""));
        var command = new Command("watch", "Watches a server from elsewhere: tells people when it has not called for a time, again every 10 minutes, and when it is back. Ctrl-C ends it.")
        {
            listen, file, after, notify,
        };
        channels.AddTo(command);
        broker.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            try
            {
                var minutes = parsed.GetValue(after);
                var rule = minutes is >= 0.1 and <= 1440
                    ? new WatchRule(TimeSpan.FromMinutes(minutes), parsed.GetValue(notify)!)
                    : throw new FormatException($"--after {minutes} is not allowed: give 0.1 to 1440 minutes.");
                return await RunAsync(ReadListen(parsed.GetValue(listen)!), parsed.GetValue(file)!, rule, services => services
                    .AddFacilityChannels(channels.Read(parsed), broker.Read(parsed), Topics.DefaultPrefix, server: null, pushKey: null), cancellation);
            }
            catch (Exception e) when (e is FormatException or OnCallFileException or IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync(
                    e.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase) ? $"{parsed.GetValue(listen)} is in use by another program: give another address with --listen." : e.Message);
                return 2;
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(string listen, string path, WatchRule rule, Action<IServiceCollection> addChannels, CancellationToken cancellation)
    {
        if (!File.Exists(path))
        {
            throw new FormatException($"--file {path}: there is no such file, or the watch may not see it.");
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls(listen);
        builder.Logging.AddSimpleConsole(o => o.SingleLine = true).AddFilter("Microsoft", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.AddRoutingCore();
        addChannels(builder.Services);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(rule).AddSingleton<OnCallFile>().AddSingleton<Watchkeeper>();
        builder.Services.AddSingleton(s => new OnCallRules(s.GetRequiredService<OnCallFile>(), path, TimeProvider.System, s.GetRequiredService<ILogger<OnCallRules>>()));
        builder.Services.AddHostedService(s => s.GetRequiredService<Watchkeeper>());
        await using var app = builder.Build();
        var rules = app.Services.GetRequiredService<OnCallRules>();
        rules.Start();
        Refuse(rule.Notify, rules.Current!);
        var keeper = app.Services.GetRequiredService<Watchkeeper>();
        app.MapMethods("/alive", ["GET", "HEAD", "POST"], (HttpContext context) =>
        {
            keeper.Heard();
            return context.Response.WriteAsync("heard\n");
        });
        try
        {
            await app.StartAsync(cancellation);
            await Console.Out.WriteLineAsync($"Watching: calls are taken at {listen.TrimEnd('/')}/alive; after {rule.After.TotalMinutes} minutes without one {string.Join(", ", rule.Notify)} are told.");
            await app.WaitForShutdownAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Asked to stop before it had begun.
        }

        return 0;
    }

    private static void Refuse(IReadOnlyList<string> notify, Domain.OnCall.Escalation escalation)
    {
        string[] known = ["everybody", .. escalation.Document.People.Select(p => "person:" + p.Id), .. escalation.Document.Rosters.Select(r => "roster:" + r.Id)];
        if (notify.FirstOrDefault(who => !known.Contains(who)) is { } unknown)
        {
            throw new FormatException($"--notify {unknown} is not in the on-call file; there are {string.Join(", ", known)}.");
        }
    }

    private static string ReadListen(string text)
    {
        try
        {
            return BindingAddress.Parse(text) is { Scheme: "http", PathBase: "" } ? text : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new FormatException($"--listen {text} is not allowed: give http://host:port. A proxy before it speaks https.");
        }
    }
}
