using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;

namespace Facility.Edge.Pipeline;

/// <summary>
/// The faults that this device told before it was restarted and did not end: a server still believes them, so they must be ended
/// when the sensor works. As far as the outbox goes back, or the last 2,000 urgent events.
/// </summary>
internal static class StandingFaults
{
    private const int Most = 2000;
    private const int Step = 500;

    /// <returns>Ids of sensors.</returns>
    public static HashSet<string> Read(IOutbox outbox)
    {
        var stream = outbox.Info(StreamKind.Urgent);
        var standing = new HashSet<string>();
        var from = Math.Max(stream.Oldest, stream.Highest - Most + 1);
        while (from <= stream.Highest && outbox.Read(StreamKind.Urgent, from, Step).Events is { Count: > 0 } events)
        {
            foreach (var e in events.Where(e => e.Kind == EventKinds.Fault))
            {
                _ = e.Value == 1 ? standing.Add(e.Sensor) : standing.Remove(e.Sensor);
            }

            from = events[^1].Seq + 1;
        }

        return standing;
    }
}
