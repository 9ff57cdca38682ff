using System.Collections.Concurrent;
using Facility.Contracts;
using Facility.Contracts.Live;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Microsoft.AspNetCore.SignalR;

namespace Facility.Tests.EndToEnd;

/// <summary>The dashboard's files and a hub that plays a given state, for what a real server shows only with effort.</summary>
public sealed class FakeServer : IAsyncDisposable
{
    private static readonly SessionState Administrator = new(
        "Anna", "administrator", ["*"],
        [
            "see-public-occupancy", "see-occupancy", "see-trends", "export-data", "see-incidents", "act-on-incidents", "call-evacuation", "count", "see-devices",
            "manage-devices", "see-on-call", "change-on-call", "configure-sites", "manage-accounts", "manage-tokens", "see-audit", "see-metrics",
        ],
        "antiforgery");

    private readonly WebApplication app;

    private FakeServer(WebApplication app, ConcurrentQueue<string> acts) => (this.app, Acts) = (app, acts);

    /// <summary>What people did, as it came.</summary>
    public ConcurrentQueue<string> Acts { get; }

    public string Url => app.Urls.First();

    /// <param name="url">Port 0 for a free one; the address of an earlier server to take its place.</param>
    public static async Task<FakeServer> StartAsync(SitesDocument sites, Snapshot snapshot, string url = "http://127.0.0.1:0")
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            ApplicationName = typeof(FakeServer).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
            EnvironmentName = Environments.Development,
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        builder.Services.AddSingleton(snapshot);
        builder.Services.AddSignalR(options => options.KeepAliveInterval = TimeSpan.FromSeconds(1.5))
            .AddJsonProtocol(options => options.PayloadSerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        var app = builder.Build();
        var acts = new ConcurrentQueue<string>();
        app.MapStaticAssets();
        app.MapGet("/v1/sites", () => Results.Json(sites, ApiJson.Default.SitesDocument));
        app.MapGet("/v1/session", () => Results.Json(Administrator, ApiJson.Default.SessionState));
        app.MapGet("/v1/sites/{site}/typical-day", (string site) => Results.Json(TuesdayAfternoon.TypicalDay(site), ApiJson.Default.TypicalDay));
        app.MapGet("/v1/sites/{site}/occupancy-history", (string site, DateTimeOffset from, DateTimeOffset to) =>
            Results.Json(TuesdayAfternoon.History(site, from, to), ApiJson.Default.OccupancyHistory));
        app.MapGet("/v1/sites/{site}/passages", (string site) => Results.Json(TuesdayAfternoon.Passages(site), ApiJson.Default.PassageHistory));
        app.MapGet("/v1/incidents", () => Results.Json(new IncidentList([]), ApiJson.Default.IncidentList));
        app.MapPost("/v1/incidents/{id}/{**act}", (string id, string act) =>
        {
            acts.Enqueue($"{act} {id}");
            return Results.Json(snapshot.Incidents.First(incident => incident.Id == id), ApiJson.Default.Incident);
        });
        app.MapPost("/v1/sites/{site}/counts", (string site, PersonsCount count) =>
        {
            acts.Enqueue($"{site} {count.Zone} {count.People}");
            return Results.Accepted();
        });
        app.MapHub<PlayedHub>(LiveHub.Path);
        app.MapFallbackToFile("index.html");
        await app.StartAsync();
        return new FakeServer(app, acts);
    }

    /// <summary>Pushes an incident to all pages.</summary>
    public Task PushAsync(Incident incident) => app.Services.GetRequiredService<IHubContext<PlayedHub>>().Clients.All.SendAsync(LiveHub.Incident, incident);

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await app.StopAsync(soon.Token);
        await app.DisposeAsync();
    }

    internal sealed class PlayedHub(Snapshot snapshot) : Hub
    {
#pragma warning disable CA1822 // A hub's methods are of its instance.
        public Task Watch(string[] sites) => Clients.Caller.SendAsync(LiveHub.Snapshot, snapshot);
#pragma warning restore CA1822
    }
}
