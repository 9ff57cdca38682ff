using System.Text.Json;
using Facility.Contracts;
using Facility.Contracts.Live;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.SignalR.Client;

namespace Facility.Dashboard.Live;

/// <summary>
/// The sites over HTTP, then the hub: <c>Watch</c> again after every connection, which answers with a new snapshot.
/// It never gives up. It hears a lost connection within <see cref="Silence"/>, because the server pings every 1.5 s.
/// </summary>
public sealed class LiveConnection(HttpClient http, Answers answers, NavigationManager navigation, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Names the build of the server and its pages, on every answer.</summary>
    public const string BuildHeader = "Facility-Build";

    /// <summary>Without a word from the server for this long, the page says that its connection is lost.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(4.5);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource stop = new();
    private HubConnection? hub;
    private Task? running;
    private LiveState newest = LiveState.Empty;

    public event Action? Changed;

    /// <summary>What the pages show: the newest, or while they are paused the figures of then with the incidents of now.</summary>
    public LiveState State { get; private set; } = LiveState.Empty;

    /// <summary>Null until they are known.</summary>
    public IReadOnlyList<Site>? Sites { get; private set; }

    /// <summary>Whether a snapshot came on the present connection.</summary>
    public bool Connected { get; private set; }

    /// <summary>A connection was tried and failed, or was lost.</summary>
    public bool Lost { get; private set; }

    /// <summary>The server is another one than these pages came from: they should be loaded again.</summary>
    public bool Outdated { get; private set; }

    /// <summary>Since when the figures on the pages stand still, by a person's wish.</summary>
    public DateTimeOffset? PausedAt { get; private set; }

    public DateTimeOffset? LastHeard { get; private set; }

    public DateTimeOffset Now => time.GetUtcNow();

    public void Start() => running ??= RunAsync();

    /// <summary>What came with the page or was kept on this device, until the server is heard.</summary>
    public void TakeKnown()
    {
        if (answers.Known(Addresses.Sites, ApiJson.Default.SitesDocument) is not { } document)
        {
            return;
        }

        Sites = document.Sites;
        var occupancy = document.Sites.Select(site => answers.Known(Addresses.Occupancy(site.Id), ApiJson.Default.SiteOccupancy)).OfType<SiteOccupancy>();
        var incidents = new[] { Addresses.OpenIncidents, Addresses.TakenIncidents }
            .SelectMany(address => answers.Known(address, ApiJson.Default.IncidentList)?.Incidents ?? []).DistinctBy(incident => incident.Id);
        var devices = answers.Known(Addresses.Devices, ApiJson.Default.DeviceList)?.Devices ?? [];
        State = newest = LiveState.Empty.Apply(new Snapshot([.. occupancy], [.. incidents], devices)).Disconnected();
        LastHeard = answers.KnownAt;
    }

    /// <summary>The same from the API itself, for a page that is drawn once: what the viewer may not see is not there.</summary>
    public async Task LoadAsync()
    {
        var document = await answers.GetAsync(Addresses.Sites, ApiJson.Default.SitesDocument);
        foreach (var site in document?.Sites ?? [])
        {
            await answers.GetAsync(Addresses.Occupancy(site.Id), ApiJson.Default.SiteOccupancy);
        }

        await answers.GetAsync(Addresses.OpenIncidents, ApiJson.Default.IncidentList);
        await answers.GetAsync(Addresses.TakenIncidents, ApiJson.Default.IncidentList);
        await answers.GetAsync(Addresses.Devices, ApiJson.Default.DeviceList);
        TakeKnown();
        LastHeard = Now;
    }

    /// <summary>All of the present state into the answers, to be kept on this device.</summary>
    public void Remember()
    {
        if (Sites is not null && Connected)
        {
            foreach (var occupancy in newest.Occupancy.Values)
            {
                answers.Put(Addresses.Occupancy(occupancy.Site), occupancy, ApiJson.Default.SiteOccupancy);
            }

            answers.Put(Addresses.OpenIncidents, new IncidentList([.. newest.Incidents.Values]), ApiJson.Default.IncidentList);
            answers.Put(Addresses.Devices, new DeviceList([.. newest.Devices.Values]), ApiJson.Default.DeviceList);
        }
    }

    /// <summary>Has every part draw itself again, since something else that it shows is known now, such as who looks.</summary>
    public void Redraw() => Changed?.Invoke();

    /// <summary>Lets the figures stand still, or go on with the newest.</summary>
    public void SetPaused(bool paused)
    {
        PausedAt = paused ? PausedAt ?? Now : null;
        Show();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await (running ?? Task.CompletedTask);
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ReadSitesAsync();
                await ListenAsync();
            }
            // Anything between the page and the server may fail in any way; the page says so and goes on trying.
            catch (Exception failure) when (failure is HttpRequestException or IOException or JsonException or InvalidOperationException
                or OperationCanceledException or TimeoutException or Microsoft.AspNetCore.SignalR.HubException
                or System.Net.WebSockets.WebSocketException or AggregateException)
            {
            }

            Connected = false;
            Lost = true;
            newest = newest.Disconnected();
            Show();
            await Task.Delay(Pause, time, CancellationToken.None);
        }
    }

    private async Task ReadSitesAsync()
    {
        using var answer = await http.GetAsync(Addresses.Sites, stop.Token);
        answer.EnsureSuccessStatusCode();
        if (answer.Headers.TryGetValues(BuildHeader, out var values))
        {
            var told = values.First();
            Outdated |= answers.Build.Length > 0 && told.Length > 0 && answers.Build != told;
            answers.Build = answers.Build.Length > 0 ? answers.Build : told;
        }

        var document = JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(stop.Token), ApiJson.Default.SitesDocument)!;
        answers.Put(Addresses.Sites, document, ApiJson.Default.SitesDocument);
        Sites = document.Sites;
    }

    private async Task ListenAsync()
    {
        var closed = new TaskCompletionSource();
        hub = new HubConnectionBuilder()
            .WithUrl(navigation.ToAbsoluteUri(LiveHub.Path))
            .AddJsonProtocol(options =>
            {
                options.PayloadSerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
                options.PayloadSerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            })
            .Build();
        await using var connection = hub;
        hub.ServerTimeout = Silence;
        hub.KeepAliveInterval = TimeSpan.FromSeconds(2);
        hub.HandshakeTimeout = Silence;
        hub.On<Snapshot>(LiveHub.Snapshot, snapshot =>
        {
            (Connected, Lost) = (true, false);
            Take(newest.Apply(snapshot));
        });
        hub.On<SiteOccupancy>(LiveHub.Occupancy, occupancy => Take(newest.Apply(occupancy)));
        hub.On<DeviceState>(LiveHub.DeviceStatus, device => Take(newest.Apply(device)));
        hub.On<Incident>(LiveHub.Incident, async incident =>
        {
            if (newest.Apply(incident) is { } next)
            {
                Take(next);
            }
            else if (incident.IncidentVersion > newest.IncidentVersion)
            {
                await connection.SendAsync(LiveHub.Watch, Watched(), stop.Token);
            }
        });
        hub.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await hub.StartAsync(stop.Token);
        await hub.SendAsync(LiveHub.Watch, Watched(), stop.Token);
        await closed.Task.WaitAsync(stop.Token);
    }

    private string[] Watched() => [.. (Sites ?? []).Select(site => site.Id)];

    private void Take(LiveState next)
    {
        newest = next;
        LastHeard = time.GetUtcNow();
        Show();
    }

    private void Show()
    {
        State = PausedAt is null ? newest : State with { Incidents = newest.Incidents, IncidentVersion = newest.IncidentVersion };
        Changed?.Invoke();
    }
}
