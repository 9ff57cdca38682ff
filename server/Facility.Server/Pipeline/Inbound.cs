using Facility.Contracts.Mqtt;
using Facility.Domain.Ingestion;

namespace Facility.Server.Pipeline;

/// <summary>What waits for the journal's writer.</summary>
internal abstract record Inbound;

/// <summary>A batch as received, with what the codec made of it: exactly one of the last two.</summary>
internal sealed record InboundBatch(
    string Site, string Device, byte[] Payload, Func<Task> Acknowledge, EventBatch? Batch, Refusal? Refusal, bool IsUrgent = false) : Inbound;

/// <summary>A step of trimming what is older than <paramref name="Kept"/>: see <see cref="Ports.IJournalWriter.Trim"/>; <paramref name="Done"/> tells how many entries went.</summary>
internal sealed record InboundTrim(TimeSpan Kept, long UpTo, int Most, TaskCompletionSource<int> Done) : Inbound;

/// <summary>A fact that no device told; <paramref name="Done"/> completes when it is on disk.</summary>
internal sealed record InboundFact(string Site, string Device, JournalFact Fact, TaskCompletionSource Done) : Inbound;
