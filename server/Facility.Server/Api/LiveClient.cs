using System.Threading.Channels;
using Facility.Contracts.Live;
using Facility.Contracts.Rest;
using Facility.Server.Api.Access;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;

namespace Facility.Server.Api;

/// <summary>
/// One client's outbox: marks of what is new, and one pump that sends the newest state of each. A slow client costs one
/// mark per site and device, however much changes; one that takes nothing for 10 s is cut.
/// </summary>
internal sealed class LiveClient(HubConnectionContext connection, CurrentPerson person, ILiveMessages messages, TimeProvider time)
{
    /// <summary>
    /// Sites in a snapshot. Of those after them the states follow one by one, each when the one before is on its way: so what waits for
    /// a client that reads nothing stays within its buffers, however much it watches.
    /// </summary>
    public const int MostInSnapshot = 100;

    /// <summary>Incidents that wait for one client; one that is further behind is cut, since none may be skipped.</summary>
    private const int MostIncidents = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly LiveView _view = LiveView.Of(person);
    private readonly Lock _gate = new();
    private readonly HashSet<(string Site, string? Device)> _marks = [];

    // Holds at most one wake-up: a second one while the pump is busy says nothing new.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Queue<(Incident Incident, SerializedHubMessage Message)> _incidents = [];
    private long _incidentVersion;

    // What the client was told last. It counts for itself where it may not see all: so it sees no holes either.
    private long _toldVersion;
    private bool _watches;
    private HashSet<string> _watched = [];
    private string[]? _snapshotDue;

    public CurrentPerson Person => person;

    public LiveView View => _view;

    /// <summary>Ends the connection.</summary>
    public void Cut() => connection.Abort();

    public void Start() => _ = Task.Run(() => PumpAsync(connection.ConnectionAborted), CancellationToken.None);

    public void Watch(IReadOnlyCollection<string> sites)
    {
        lock (_gate)
        {
            _watched = [.. sites];
            _marks.Clear();
            _incidents.Clear();
            _watches = true;
            _snapshotDue = [.. _watched];
        }

        _wake.Writer.TryWrite(true);
    }

    public void Mark(string site, string? device)
    {
        lock (_gate)
        {
            if (!_watched.Contains(site) || (device is not null && !_view.Devices) || !_marks.Add((site, device)))
            {
                return;
            }
        }

        _wake.Writer.TryWrite(true);
    }

    /// <summary>Queues a change of an incident.</summary>
    public void Tell(Incident incident, SerializedHubMessage message)
    {
        lock (_gate)
        {
            if (!_watches || !_view.Incidents || !_view.Sites.Holds(incident.Site))
            {
                return;
            }

            if (_incidents.Count >= MostIncidents)
            {
                connection.Abort();
                return;
            }

            _incidents.Enqueue((incident, message));
        }

        _wake.Writer.TryWrite(true);
    }

    private async Task PumpAsync(CancellationToken aborted)
    {
        try
        {
            while (await _wake.Reader.WaitToReadAsync(aborted))
            {
                _wake.Reader.TryRead(out _);
                var (watched, marks, incidents) = Take();
                if (watched is not null)
                {
                    var snapshot = messages.Snapshot(watched.Take(MostInSnapshot).ToHashSet(), watched.ToHashSet(), _view);
                    _incidentVersion = _toldVersion = snapshot.IncidentVersion;
                    await SendAsync(new SerializedHubMessage(new InvocationMessage(LiveHub.Snapshot, [snapshot])), aborted);
                    await FollowUpAsync(watched, aborted);
                }

                foreach (var (incident, message) in incidents)
                {
                    // What the snapshot already holds is not told again.
                    if (incident.IncidentVersion > _incidentVersion)
                    {
                        _incidentVersion = incident.IncidentVersion;
                        await SendAsync(Numbered(incident, message), aborted);
                    }
                }

                foreach (var (site, device) in marks)
                {
                    if (messages.Newest(site, device, _view) is { } message)
                    {
                        await SendAsync(message, aborted);
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It went away.
        }
        catch (Exception)
        {
            // Stalled (TimeoutException) or its connection broke: it connects again and watches again.
            connection.Abort();
        }
    }

    private async Task FollowUpAsync(string[] watched, CancellationToken aborted)
    {
        for (var i = MostInSnapshot; i < watched.Length; i++)
        {
            var one = messages.Snapshot(new HashSet<string> { watched[i] }, new HashSet<string>(), _view);
            foreach (SiteOccupancy occupancy in one.Occupancy)
            {
                await SendAsync(new SerializedHubMessage(new InvocationMessage(LiveHub.Occupancy, [occupancy])), aborted);
            }

            foreach (DeviceState device in one.Devices)
            {
                await SendAsync(new SerializedHubMessage(new InvocationMessage(LiveHub.DeviceStatus, [device])), aborted);
            }
        }
    }

    private (string[]? Watched, (string Site, string? Device)[] Marks, (Incident Incident, SerializedHubMessage Message)[] Incidents) Take()
    {
        lock (_gate)
        {
            var taken = (_snapshotDue, _marks.ToArray(), _incidents.ToArray());
            _snapshotDue = null;
            _marks.Clear();
            _incidents.Clear();
            return taken;
        }
    }

    private SerializedHubMessage Numbered(Incident incident, SerializedHubMessage shared)
    {
        _toldVersion++;
        return _view.Sites.IsAll ? shared
            : new SerializedHubMessage(new InvocationMessage(LiveHub.Incident, [incident with { IncidentVersion = _toldVersion }]));
    }

    // Done when it is handed to the system, or within what the buffers of the connection may hold.
    private ValueTask SendAsync(SerializedHubMessage message, CancellationToken aborted)
    {
        var sending = connection.WriteAsync(message, aborted);
        return sending.IsCompletedSuccessfully ? sending : new ValueTask(sending.AsTask().WaitAsync(Patience, time, aborted));
    }
}
