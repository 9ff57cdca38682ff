using Facility.Contracts.Mqtt;

namespace Facility.Server.Pipeline;

/// <summary>A stream's acknowledgement to publish; null clears the retained one.</summary>
public readonly record struct PendingAck(string Site, string Device, Guid Stream, long? Seq);

public readonly record struct PendingCommand(string Site, string Device, DeviceCommand Command);

/// <summary>
/// What waits to be published to devices. Of a stream only the newest acknowledgement waits; commands are at most 1,000,
/// and a full queue drops the oldest and counts it: the device sends again without.
/// </summary>
public sealed class DeviceOutbox(ServerCounters counters)
{
    private const int MostCommands = 1000;
    private readonly Lock gate = new();
    private readonly Dictionary<(string, string, Guid), PendingAck> acks = [];
    private readonly Queue<PendingCommand> commands = [];
    private TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Acknowledge(string site, string device, Guid stream, long? seq)
    {
        lock (gate)
        {
            acks[(site, device, stream)] = new PendingAck(site, device, stream, seq);
            arrived.TrySetResult();
        }
    }

    public void Command(string site, string device, DeviceCommand command)
    {
        lock (gate)
        {
            if (commands.Count >= MostCommands)
            {
                commands.Dequeue();
                counters.CommandDropped();
            }

            commands.Enqueue(new PendingCommand(site, device, command));
            arrived.TrySetResult();
        }
    }

    /// <summary>All that waits; completes when there is something.</summary>
    public async Task<(IReadOnlyList<PendingAck> Acks, IReadOnlyList<PendingCommand> Commands)> TakeAsync(CancellationToken cancellation)
    {
        await arrived.Task.WaitAsync(cancellation);
        lock (gate)
        {
            (PendingAck[], PendingCommand[]) all = ([.. acks.Values], [.. commands]);
            acks.Clear();
            commands.Clear();
            arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return all;
        }
    }
}
