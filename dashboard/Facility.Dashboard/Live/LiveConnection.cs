using System.Net.Http.Json;
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
public sealed class LiveConnection(HttpClient http, NavigationManager navigation, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Without a word from the server for this long, the page says that its connection is lost.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(4.5);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource stop = new();
    private HubConnection? hub;
    private Task? running;

    public event Action? Changed;

    public LiveState State { get; private set; } = LiveState.Empty;

    /// <summary>Null until they are known.</summary>
    public IReadOnlyList<Site>? Sites { get; private set; }

    /// <summary>Whether a snapshot came on the present connection.</summary>
    public bool Connected { get; private set; }

    /// <summary>A connection was tried and failed, or was lost.</summary>
    public bool Lost { get; private set; }

    public DateTimeOffset? LastHeard { get; private set; }

    public DateTimeOffset Now => time.GetUtcNow();

    public void Start() => running ??= RunAsync();

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
                Sites = (await http.GetFromJsonAsync("v1/sites", ApiJson.Default.SitesDocument, stop.Token))?.Sites ?? [];
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
            State = State.Disconnected();
            Changed?.Invoke();
            await Task.Delay(Pause, time, CancellationToken.None);
        }
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
            Take(State.Apply(snapshot));
        });
        hub.On<SiteOccupancy>(LiveHub.Occupancy, occupancy => Take(State.Apply(occupancy)));
        hub.On<DeviceState>(LiveHub.DeviceStatus, device => Take(State.Apply(device)));
        hub.On<Incident>(LiveHub.Incident, async incident =>
        {
            if (State.Apply(incident) is { } next)
            {
                Take(next);
            }
            else if (incident.IncidentVersion > State.IncidentVersion)
            {
                await connection.SendAsync(LiveHub.Watch, Sites!.Select(site => site.Id).ToArray(), stop.Token);
            }
        });
        hub.Closed += _ =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await hub.StartAsync(stop.Token);
        await hub.SendAsync(LiveHub.Watch, Sites!.Select(site => site.Id).ToArray(), stop.Token);
        await closed.Task.WaitAsync(stop.Token);
    }

    private void Take(LiveState next)
    {
        State = next;
        LastHeard = time.GetUtcNow();
        Changed?.Invoke();
    }
}
