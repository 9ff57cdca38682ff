using Facility.Contracts.Mqtt;

namespace Facility.Domain.Ingestion;

/// <summary>What becomes of a batch that could be read.</summary>
public abstract record OrderDecision
{
    /// <summary>Nothing new in it: acknowledge again.</summary>
    public sealed record Duplicate : OrderDecision;

    /// <summary>It skips events that the device still holds: answer with the present acknowledgement, and it goes back.</summary>
    public sealed record OutOfOrder(long Expected) : OrderDecision;

    /// <summary>Journal the events from index <paramref name="Tail"/> on.</summary>
    /// <param name="LostFrom">First of the events that the device no longer holds and the server never got; 0 for none.</param>
    /// <param name="LostTo">Last of them.</param>
    public sealed record Accept(int Tail, long LostFrom, long LostTo) : OrderDecision
    {
        public bool HasLoss => LostFrom > 0;
    }
}

/// <summary>
/// The order of a stream (contract, section 2.2): each sequence number is journaled once, in order, or lies in a stated gap.
/// </summary>
/// <remarks>
/// <code>
/// known = 10:   8 9 10        duplicate
///               9 10 11 12    accept from index 2
///               11 12         accept from index 0
///               15 16         oldest 3:  out of order, expected 11
///               15 16         oldest 15: 11..14 are lost, accept from index 0
///               15 16         oldest 13: 11..12 are lost, and 13 must come first: out of order
/// </code>
/// </remarks>
public static class StreamOrder
{
    private static readonly OrderDecision.Duplicate Again = new();

    /// <param name="known">The last sequence number on the server's disk; 0 for a new stream.</param>
    public static OrderDecision Decide(long known, EventBatch batch)
    {
        var first = batch.Events[0].Seq;
        var last = batch.Events[^1].Seq;
        if (last <= known)
        {
            return Again;
        }

        if (first <= known + 1)
        {
            return new OrderDecision.Accept((int)(known + 1 - first), 0, 0);
        }

        // Only a batch that starts at the oldest tells the whole gap at once; any other comes again, in order.
        return batch.Oldest == first
            ? new OrderDecision.Accept(0, known + 1, first - 1)
            : new OrderDecision.OutOfOrder(Math.Max(known + 1, batch.Oldest));
    }

    /// <summary>Whether an event sent again under a number already used says something else: a cloned card does that.</summary>
    /// <param name="stored">Events of the stream in order, as journaled.</param>
    /// <param name="sent">Events of the same stream in order.</param>
    public static bool Differs(IReadOnlyList<DeviceEvent> stored, IReadOnlyList<DeviceEvent> sent)
    {
        var offset = sent[0].Seq - stored[0].Seq;
        for (var i = Math.Max(0, -offset); i < sent.Count && i + offset < stored.Count; i++)
        {
            if (!sent[(int)i].Equals(stored[(int)(i + offset)]))
            {
                return true;
            }
        }

        return false;
    }
}
