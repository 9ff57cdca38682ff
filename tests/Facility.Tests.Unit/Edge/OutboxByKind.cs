using Facility.Edge.Ports;

namespace Facility.Tests.Unit.Edge;

/// <summary>The outbox's streams by their kind, for whoever is alone with it.</summary>
internal static class OutboxByKind
{
    public static OutboxBatch Read(this IOutbox outbox, StreamKind kind, long from, int atMost) => outbox.Read(outbox.Info(kind).Id, from, atMost);

    public static void MarkAcknowledged(this IOutbox outbox, StreamKind kind, long seq) => outbox.MarkAcknowledged(outbox.Info(kind).Id, seq);

    public static void BeginStream(this IOutbox outbox, StreamKind kind) => outbox.BeginStream(outbox.Info(kind).Id);

    public static void ReplaceByLoss(this IOutbox outbox, StreamKind kind, long seq) => outbox.ReplaceByLoss(outbox.Info(kind).Id, seq);
}
