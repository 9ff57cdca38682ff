using Facility.Contracts.Mqtt;
using Facility.Domain.Ingestion;

namespace Facility.Tests.Unit.Ingestion;

/// <summary>The promise of section 2.2, over many random deliveries of one stream; the seed names a failure.</summary>
public class StreamOrderProperty
{
    private static readonly DateTimeOffset At = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Whatever_is_lost_doubled_or_overlaps_each_number_is_accepted_once_or_lies_in_a_stated_gap()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            const long Made = 400;
            var random = new Random(seed);
            var fate = new string?[Made + 1];
            long known = 0, oldest = 1;
            for (var step = 0; known < Made; step++)
            {
                // At first the network delivers anything the device may ever have sent; at last the device goes back to the ack.
                var first = step < 300 ? random.NextInt64(oldest, Made + 1) : Math.Max(known + 1, oldest);
                var batch = Batch(first, Math.Min(Made, first + random.Next(40)), random.Next(8) == 0 ? oldest : random.NextInt64(1, oldest + 1));
                var decision = StreamOrder.Decide(known, batch);
                if (decision is OrderDecision.Accept accept)
                {
                    for (var seq = accept.LostFrom; accept.HasLoss && seq <= accept.LostTo; seq++)
                    {
                        Once(fate, seq, "lost", seed);
                        Assert.True(seq < oldest, $"seed {seed}: {seq} is stated as lost, and the device holds it");
                    }

                    for (var i = accept.Tail; i < batch.Events.Count; i++)
                    {
                        Once(fate, batch.Events[i].Seq, "accepted", seed);
                    }

                    known = batch.Last;
                }

                // The device drops some that were never acknowledged, as a full card does; never more than it made.
                oldest = random.Next(20) == 0 ? Math.Min(Made, oldest + random.Next(15)) : oldest;
                Assert.True(step < 2000, $"seed {seed}: the stream does not go on from {known}");
            }

            Assert.DoesNotContain(null, fate.Skip(1));
        }
    }

    private static void Once(string?[] fate, long seq, string now, int seed)
    {
        Assert.True(fate[seq] is null, $"seed {seed}: {seq} was {fate[seq]} and is {now} again");
        fate[seq] = now;
    }

    private static EventBatch Batch(long first, long last, long oldest) => new(Guid.Empty, oldest, At, true,
        [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => new DeviceEvent(first + i, At, "main-door", EventKinds.Passage, 1))]);
}
