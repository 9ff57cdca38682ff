using System.Collections.Concurrent;
using Facility.Contracts.Live;
using Facility.Contracts.Rest;
using Facility.Server.Ports;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Facility.Server.Api;

/// <summary>What a client is sent.</summary>
internal interface ILiveMessages
{
    /// <param name="incidentsOf">Sites whose open incidents it holds, besides those of the server itself.</param>
    Snapshot Snapshot(IReadOnlySet<string> sites, IReadOnlySet<string> incidentsOf, LiveView view);

    /// <summary>The newest state of a site, or of a device of it: written once and shared by all clients of a view. Null when there is none.</summary>
    SerializedHubMessage? Newest(string site, string? device, LiveView view);
}

/// <summary>All live clients, and who must hear of a change. Telling one is a mark in its outbox: it never waits.</summary>
public sealed class LiveFeed : IDisposable, ILiveMessages
{
    private readonly ConcurrentDictionary<string, LiveClient> _clients = new();

    // A change puts a new one here before it marks the clients, and it is made when the first of them asks: so none gets an older state.
    private readonly ConcurrentDictionary<(string Site, string? Device), Newest> _newest = new();
    private readonly IOccupancyState _occupancy;
    private readonly IDeviceDirectory _devices;
    private readonly ISitesDirectory _sites;
    private readonly TimeProvider _time;
    private readonly IIncidentState? _incidents;

    public LiveFeed(IOccupancyState occupancy, IDeviceDirectory devices, ISitesDirectory sites, TimeProvider time, IIncidentState? incidents = null)
    {
        (_occupancy, _devices, _sites, _time, _incidents) = (occupancy, devices, sites, time, incidents);
        _occupancy.Changed += OccupancyChanged;
        _devices.Changed += DeviceChanged;
        if (_incidents is not null)
        {
            _incidents.Changed += IncidentChanged;
        }
    }

    public int Clients => _clients.Count;

    /// <summary>Those who have signed in.</summary>
    internal IEnumerable<LiveClient> Signed => _clients.Values.Where(c => c.Person.IsSignedIn);

    public void Dispose()
    {
        _occupancy.Changed -= OccupancyChanged;
        _devices.Changed -= DeviceChanged;
        if (_incidents is not null)
        {
            _incidents.Changed -= IncidentChanged;
        }
    }

    internal void Add(HubConnectionContext connection)
    {
        var client = new LiveClient(connection, LiveView.PersonOf(connection.GetHttpContext()), this, _time);
        _clients[connection.ConnectionId] = client;
        client.Start();
    }

    internal void Watch(string connection, IReadOnlyCollection<string> sites)
    {
        if (_clients.TryGetValue(connection, out var client))
        {
            client.Watch(sites);
        }
    }

    internal void Remove(string connection) => _clients.TryRemove(connection, out _);

    Snapshot ILiveMessages.Snapshot(IReadOnlySet<string> sites, IReadOnlySet<string> incidentsOf, LiveView view)
    {
        var (version, unresolved) = view.Incidents && _incidents is not null ? _incidents.Now : (0, []);
        return new(
            [.. sites.Select(s => OccupancyOf(s, view.Rooms)).OfType<SiteOccupancy>()],
            [.. unresolved.Where(i => i.Site.Length == 0 || incidentsOf.Contains(i.Site))],
            view.Devices ? _devices.Of(sites) : [], version);
    }

    SerializedHubMessage? ILiveMessages.Newest(string site, string? device, LiveView view)
    {
        var newest = _newest.GetOrAdd((site, device), Make);
        return (view.Rooms || device is not null ? newest.Whole : newest.Public).Value;
    }

    private SiteOccupancy? OccupancyOf(string site, bool rooms) =>
        _occupancy.Of(site) is not { } occupancy ? null : rooms ? occupancy : PublicPart.Of(occupancy, _sites.Current);

    private Newest Make((string Site, string? Device) changed)
    {
        Lazy<SerializedHubMessage?> Message(Func<object?> state) => new(() => state() is not { } now ? null
            : new SerializedHubMessage(new InvocationMessage(changed.Device is null ? LiveHub.Occupancy : LiveHub.DeviceStatus, [now])));
        return new(
            Message(() => changed.Device is null ? _occupancy.Of(changed.Site) : _devices.Of(changed.Site, changed.Device)),
            Message(() => changed.Device is null ? OccupancyOf(changed.Site, rooms: false) : null));
    }

    // All of them to all clients that may see all: a version that one is not sent would be a hole to it.
    private void IncidentChanged(Incident incident)
    {
        var message = new SerializedHubMessage(new InvocationMessage(LiveHub.Incident, [incident]));
        foreach (var (_, client) in _clients)
        {
            client.Tell(incident, message);
        }
    }

    private void OccupancyChanged(string site) => Tell(site, null);

    private void DeviceChanged(string site, string device) => Tell(site, device);

    private void Tell(string site, string? device)
    {
        if (_clients.IsEmpty)
        {
            _newest.TryRemove((site, device), out _);
            return;
        }

        _newest[(site, device)] = Make((site, device));
        foreach (var (_, client) in _clients)
        {
            client.Mark(site, device);
        }
    }

    private sealed record Newest(Lazy<SerializedHubMessage?> Whole, Lazy<SerializedHubMessage?> Public);
}
