using System.Collections.Concurrent;
using Facility.Contracts.Live;
using Facility.Server.Ports;
using Microsoft.AspNetCore.SignalR;

namespace Facility.Server.Api;

/// <summary>All live clients, and who must hear of a change. Telling one is a mark in its outbox: it never waits.</summary>
public sealed class LiveFeed : IDisposable
{
    private readonly ConcurrentDictionary<string, LiveClient> _clients = new();
    private readonly IOccupancyState _occupancy;
    private readonly IDeviceDirectory _devices;
    private readonly TimeProvider _time;

    public LiveFeed(IOccupancyState occupancy, IDeviceDirectory devices, TimeProvider time)
    {
        (_occupancy, _devices, _time) = (occupancy, devices, time);
        _occupancy.Changed += OccupancyChanged;
        _devices.Changed += DeviceChanged;
    }

    public int Clients => _clients.Count;

    public void Dispose()
    {
        _occupancy.Changed -= OccupancyChanged;
        _devices.Changed -= DeviceChanged;
    }

    internal void Add(HubCallerContext context, IClientProxy proxy)
    {
        var client = new LiveClient(proxy, context.Abort, Snapshot, Newest, _time);
        _clients[context.ConnectionId] = client;
        client.Start(context.ConnectionAborted);
    }

    internal void Watch(string connection, IReadOnlyCollection<string> sites)
    {
        if (_clients.TryGetValue(connection, out var client))
        {
            client.Watch(sites);
        }
    }

    internal void Remove(string connection) => _clients.TryRemove(connection, out _);

    private Snapshot Snapshot(IReadOnlyCollection<string> sites) => new(
        [.. sites.Select(_occupancy.Of).OfType<Contracts.Rest.SiteOccupancy>()], [], [.. _devices.All().Where(d => sites.Contains(d.Site))]);

    private object? Newest((string Site, string? Device) changed) => changed.Device is null
        ? _occupancy.Of(changed.Site)
        : _devices.All().FirstOrDefault(d => d.Site == changed.Site && d.Device == changed.Device);

    private void OccupancyChanged(string site) => Tell(site, null);

    private void DeviceChanged(string site, string device) => Tell(site, device);

    private void Tell(string site, string? device)
    {
        foreach (var client in _clients.Values)
        {
            client.Mark(site, device);
        }
    }
}
