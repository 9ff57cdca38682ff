using Facility.Domain.Ingestion;
using Facility.Server.Api;
using Facility.Server.Api.Access;
using Facility.Server.OnCall;
using Facility.Server.Pipeline;
using Facility.Server.Places;
using Facility.Server.Ports;

namespace Facility.Server;

/// <summary>The running server, from options to exit code.</summary>
public static class FacilityServer
{
    public static async Task<int> RunAsync(ServerOptions options, CancellationToken cancellation)
    {
        try
        {
            var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            builder.WebHost.UseUrls(options.Urls).ConfigureKestrel(WebDefences.Limit);

            // Run from a build, not a publish, the pages are still where the build left them.
            builder.WebHost.UseStaticWebAssets();

            // What goes wrong at start is said once, below, and not as a stack trace; requests are not logged one by one.
            builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical).AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
            builder.Logging.AddConsole(o => o.FormatterName = SafeConsole.Form).AddConsoleFormatter<SafeConsole, Microsoft.Extensions.Logging.Console.ConsoleFormatterOptions>();
            builder.Services.AddFacilityCore(options).AddFacilitySeries(options).AddFacilityOccupancy(options).AddFacilityIncidents(options).AddFacilityOnCall(options).AddFacilityAccess(options).AddFacilityApi();
            await using var app = builder.Build();
            await Wiring.StartBrokerAsync(app.Services, options);
            app.MapFacilityApi();
            app.MapMetrics();
            app.RefuseUnguarded();
            app.Services.GetRequiredService<OnCallRules>().Start();
            if (app.Services.GetRequiredService<IOccupancyStore>().Load()?.Clock is { } passed)
            {
                app.Services.GetRequiredService<IJournalWriter>().NotBefore(passed);
            }

            if (app.Services.GetRequiredService<SitesDirectory>() is { IsEmpty: true } sites)
            {
                Fill(sites, app.Services.GetRequiredService<IJournalWriter>(), options.Sites);
            }

            await StartAsync(app, cancellation);
            TellFirst(app.Services, options);
            await app.WaitForShutdownAsync(cancellation);

            // A part that failed has stopped the host and said so: whoever supervises this must hear of it too.
            return app.Services.GetServices<IHostedService>().OfType<BackgroundService>().Any(s => s.ExecuteTask?.IsFaulted == true) ? 1 : 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0;
        }
        catch (System.Data.Common.DbException e)
        {
            await Console.Error.WriteLineAsync(
                $"The data in {options.Data} cannot be read: {e.Message} Nothing of it was written over. Put the folder back from a backup, or give another with --data.");
            return 1;
        }
        catch (Exception e) when (e is JournalUnavailableException or BrokerException or IOException or UnauthorizedAccessException or SitesFileException or OnCallFileException)
        {
            await Console.Error.WriteLineAsync(
                e.Message.Contains("address already in use", StringComparison.OrdinalIgnoreCase) && e is not BrokerException
                    ? $"{options.Urls} is in use by another program: stop it, or give another address with --urls."
                    : e.Message);
            return 1;
        }
    }

    // The one secret that the server prints: it works once, for a day, and only while nobody else may invite people.
    private static void TellFirst(IServiceProvider services, ServerOptions options)
    {
        try
        {
            var time = services.GetRequiredService<TimeProvider>();
            if (options.OpenId is null && NewInvitations.MakeFirst(
                services.GetRequiredService<IAccounts>(), services.GetRequiredService<IInvitations>(), options.PublicUrl, time.GetUtcNow()) is var (link, until))
            {
                Console.WriteLine($"First administrator: {link} (once, until {TimeZoneInfo.ConvertTime(until, time.LocalTimeZone):yyyy-MM-dd HH:mm})");
            }
        }
        catch (System.Data.Common.DbException e)
        {
            Console.Error.WriteLine($"No link for a first administrator can be made now: {e.Message}. Later: facility-server account invite --role administrator");
        }
    }

    // A start that fails half-way leaves parts running: they stop before what they write to is closed.
    private static async Task StartAsync(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation);
        }
        catch
        {
            await app.StopAsync(CancellationToken.None);
            throw;
        }
    }

    // Before the pipeline runs: no event is admitted by no sites at all.
    private static void Fill(SitesDirectory sites, IJournalWriter journal, string path)
    {
        var loaded = SitesFile.Load(path);
        foreach (var warning in loaded.Warnings)
        {
            Console.Error.WriteLine("warning: " + warning);
        }

        var revision = new SitesRevised(loaded.Document);
        journal.Append(journal.Begin(), "", "", revision);
        journal.Commit();
        sites.Apply(revision);
    }
}
