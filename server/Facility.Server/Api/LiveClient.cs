using System.Threading.Channels;
using Facility.Contracts.Live;
using Microsoft.AspNetCore.SignalR;

namespace Facility.Server.Api;

/// <summary>
/// One client's outbox: marks of what is new, and one pump that sends the newest state of each. A slow client costs one
/// mark per site and device, however much changes; one that takes nothing for 10 s is cut.
/// </summary>
internal sealed class LiveClient(
    IClientProxy proxy, Action cut, Func<IReadOnlyCollection<string>, Snapshot> snapshot, Func<(string Site, string? Device), object?> newest, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly HashSet<(string Site, string? Device)> _marks = [];

    // Holds at most one wake-up: a second one while the pump is busy says nothing new.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private HashSet<string> _watched = [];
    private bool _snapshotDue;

    public void Start(CancellationToken aborted) => _ = Task.Run(() => PumpAsync(aborted), CancellationToken.None);

    public void Watch(IReadOnlyCollection<string> sites)
    {
        lock (_gate)
        {
            _watched = [.. sites];
            _marks.Clear();
            _snapshotDue = true;
        }

        _wake.Writer.TryWrite(true);
    }

    public void Mark(string site, string? device)
    {
        lock (_gate)
        {
            if (!_watched.Contains(site) || !_marks.Add((site, device)))
            {
                return;
            }
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
                var (all, marks) = Take();
                if (all is not null)
                {
                    await SendAsync(LiveHub.Snapshot, snapshot(all), aborted);
                }

                foreach (var mark in marks)
                {
                    if (newest(mark) is { } state)
                    {
                        await SendAsync(mark.Device is null ? LiveHub.Occupancy : LiveHub.DeviceStatus, state, aborted);
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
            cut();
        }
    }

    private (IReadOnlyCollection<string>? All, (string Site, string? Device)[] Marks) Take()
    {
        lock (_gate)
        {
            var taken = (_snapshotDue ? _watched : null, _marks.ToArray());
            _snapshotDue = false;
            _marks.Clear();
            return taken;
        }
    }

    private Task SendAsync(string method, object state, CancellationToken aborted) =>
        proxy.SendAsync(method, state, aborted).WaitAsync(Patience, time, aborted);
}
