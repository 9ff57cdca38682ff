using Facility.Contracts;

namespace Facility.Server.Pipeline;

/// <summary>
/// How much of each queue to the journal, urgent and ordinary, a device may fill: twice what the contract lets it have under way. What a
/// device sends beyond that is not taken and not acknowledged, so that it sends it again, and a flood from one device
/// leaves the others room and time. Safe for threads; holds only devices with something in the queue.
/// </summary>
public sealed class DeviceShares
{
    public const int Most = 2 * Limits.LiveStreams * Limits.BatchesUnderWay;

    private readonly Dictionary<(string Site, string Device, bool IsUrgent), int> waiting = [];
    private readonly Lock gate = new();

    /// <returns>False when the device's share is full; else call <see cref="Leave"/> when its batch leaves the queue.</returns>
    public bool TryEnter(string site, string device, bool isUrgent)
    {
        lock (gate)
        {
            var mine = waiting.GetValueOrDefault((site, device, isUrgent));
            if (mine < Most)
            {
                waiting[(site, device, isUrgent)] = mine + 1;
            }

            return mine < Most;
        }
    }

    public void Leave(string site, string device, bool isUrgent)
    {
        lock (gate)
        {
            if (--System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrNullRef(waiting, (site, device, isUrgent)) == 0)
            {
                waiting.Remove((site, device, isUrgent));
            }
        }
    }
}
