using Facility.Contracts.Mqtt;
using Facility.Domain.Ingestion;

namespace Facility.Tests.Unit.Ingestion;

public class StreamOrderTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(10, 8, 10)]
    [InlineData(10, 1, 1)]
    public void What_is_known_is_a_duplicate(long known, long first, long last) =>
        Assert.IsType<OrderDecision.Duplicate>(StreamOrder.Decide(known, Batch(first, last, 1)));

    [Theory]
    [InlineData(0, 1, 5, 0)]
    [InlineData(10, 11, 12, 0)]
    [InlineData(10, 9, 12, 2)]
    public void What_follows_is_accepted_from_its_new_tail(long known, long first, long last, int tail) =>
        Assert.Equal(new OrderDecision.Accept(tail, 0, 0), StreamOrder.Decide(known, Batch(first, last, 1)));

    [Fact]
    public void A_gap_that_the_device_still_holds_is_out_of_order() =>
        Assert.Equal(new OrderDecision.OutOfOrder(11), StreamOrder.Decide(10, Batch(15, 16, 3)));

    [Fact]
    public void A_gap_that_the_device_no_longer_holds_is_lost_once() =>
        Assert.Equal(new OrderDecision.Accept(0, 11, 14), StreamOrder.Decide(10, Batch(15, 16, 15)));

    [Fact]
    public void Other_content_under_a_known_number_differs_and_the_same_does_not()
    {
        var sent = Batch(5, 8, 1).Events;
        Assert.False(StreamOrder.Differs(sent, [.. sent.Skip(2)]));
        Assert.False(StreamOrder.Differs([.. sent.Skip(2)], sent));
        Assert.True(StreamOrder.Differs(sent, [sent[2] with { Value = -1 }]));
    }

    private static EventBatch Batch(long first, long last, long oldest) => new(Guid.Empty, oldest, At, true,
        [.. Enumerable.Range(0, (int)(last - first + 1)).Select(i => new DeviceEvent(first + i, At, "main-door", EventKinds.Passage, 1))]);
}
