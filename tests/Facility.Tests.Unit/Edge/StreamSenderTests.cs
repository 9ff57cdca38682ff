using CsCheck;
using Facility.Edge.Domain;

namespace Facility.Tests.Unit.Edge;

public class StreamSenderTests
{
    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static StreamSender New(long acknowledged = 0, long highestAtStart = 0) =>
        new(acknowledged, highestAtStart, At(1), batchEvents: 5, batchesUnderWay: 3);

    private static List<(long, long)> SendAll(StreamSender sender, long highest, TimeSpan now, long oldest = 1)
    {
        var sent = new List<(long, long)>();
        while (sender.Next(now, oldest, highest) is { } range)
        {
            var last = range.From + range.AtMost - 1;
            sender.Sent(range.From, last, now);
            sent.Add((range.From, last));
        }

        return sent;
    }

    [Fact]
    public void A_backlog_fills_its_batches_and_only_so_many_are_under_way()
    {
        var sender = New();
        Assert.Equal([(1, 5), (6, 10), (11, 15)], SendAll(sender, 100, At(0)));
        Assert.Equal(AckOutcome.Progress, sender.Ack(10, At(0.1)));
        Assert.Equal([(16, 20), (21, 25)], SendAll(sender, 100, At(0.1)));
    }

    // A server that takes so many events a second, one batch after the other, each acknowledged when it is done.
    [Theory]
    [InlineData(1_000)]
    [InlineData(2_000)]
    [InlineData(5_000)]
    [InlineData(20_000)]
    [InlineData(100_000)]
    public void A_backlog_keeps_the_server_busy_and_never_half_a_second_behind(int eventsASecond)
    {
        const long Highest = 200_000;
        var sender = new StreamSender(0, 0, At(10));
        var underWay = new Queue<(long Last, TimeSpan Done)>();
        var (busyUntil, now, behind, idle) = (At(0), At(0), At(0), At(0));
        while (sender.Acknowledged < Highest)
        {
            foreach (var (first, last) in SendAll(sender, Highest, now))
            {
                idle += now > busyUntil ? now - busyUntil : At(0);
                busyUntil = (now > busyUntil ? now : busyUntil) + At((last - first + 1) / (double)eventsASecond);
                underWay.Enqueue((last, busyUntil + At(0.005)));
            }

            (var acknowledged, now) = underWay.Dequeue();
            behind = now > At(5) && busyUntil - now > behind ? busyUntil - now : behind;
            sender.Ack(acknowledged, now);
        }

        Assert.True(behind < At(0.51), $"{behind.TotalSeconds} s behind");
        Assert.True(idle < now / 10, $"idle for {idle.TotalSeconds} of {now.TotalSeconds} s");
    }

    [Fact]
    public void Without_progress_it_goes_back_ever_more_patiently()
    {
        var sender = New();
        SendAll(sender, 3, At(0));
        Assert.Empty(SendAll(sender, 3, At(0.99)));
        Assert.Equal([(1, 3)], SendAll(sender, 3, At(1)));
        Assert.Empty(SendAll(sender, 3, At(2.9)));
        Assert.Equal([(1, 3)], SendAll(sender, 3, At(3)));
    }

    [Fact]
    public void After_a_reconnect_it_sends_from_the_first_unacknowledged()
    {
        var sender = New(acknowledged: 2);
        SendAll(sender, 9, At(0));
        sender.Connected(At(0.2));
        Assert.Equal([(3, 7), (8, 9)], SendAll(sender, 9, At(0.2)));
    }

    [Fact]
    public void With_nothing_new_after_a_reconnect_it_asks_by_its_last_event_what_the_server_has()
    {
        var sender = New(acknowledged: 7, highestAtStart: 7);
        sender.Connected(At(0));
        Assert.Equal([(7, 7)], SendAll(sender, 7, At(0)));
        Assert.Equal([(7, 7)], SendAll(sender, 7, At(1)));
        Assert.Equal(AckOutcome.Known, sender.Ack(7, At(1.1)));
        Assert.Null(sender.WakeAt);
        Assert.Empty(SendAll(sender, 7, At(60)));
        Assert.Equal([(8, 9)], SendAll(sender, 9, At(61)));
    }

    [Fact]
    public void A_server_that_was_put_back_answers_that_it_has_nothing_and_gets_all()
    {
        var sender = New(acknowledged: 7, highestAtStart: 7);
        sender.Connected(At(0));
        SendAll(sender, 7, At(0));
        Assert.Equal(AckOutcome.Lower, sender.Ack(0, At(0.1)));
        Assert.Equal([(1, 5), (6, 7)], SendAll(sender, 7, At(0.1)));
    }

    [Fact]
    public void An_event_that_is_no_longer_there_asks_nothing()
    {
        var sender = New(acknowledged: 7, highestAtStart: 7);
        sender.Connected(At(0));
        Assert.Empty(SendAll(sender, 7, At(0), oldest: 8));
        Assert.Empty(SendAll(New(), 0, At(0), oldest: 1));
    }

    [Fact]
    public void A_lower_acknowledgement_is_obeyed_at_most_once_a_second()
    {
        var sender = New(acknowledged: 9, highestAtStart: 10);
        Assert.Equal(AckOutcome.Lower, sender.Ack(4, At(5)));
        Assert.Equal([(5, 9), (10, 10)], SendAll(sender, 10, At(5)));
        Assert.Equal(AckOutcome.Known, sender.Ack(4, At(5.5)));
        Assert.Empty(SendAll(sender, 10, At(5.5)));
        Assert.Equal(AckOutcome.Known, sender.Ack(3, At(5.5)));
        Assert.Equal(AckOutcome.Lower, sender.Ack(3, At(6)));
        Assert.Equal([(4, 8), (9, 10)], SendAll(sender, 10, At(6)));
    }

    [Fact]
    public void A_lower_acknowledgement_right_after_a_connect_is_obeyed_at_once()
    {
        var sender = New(acknowledged: 7, highestAtStart: 9);
        sender.Connected(At(20));
        Assert.Equal([(8, 9)], SendAll(sender, 9, At(20)));
        Assert.Equal(AckOutcome.Lower, sender.Ack(2, At(20.01)));
        Assert.Equal([(3, 7), (8, 9)], SendAll(sender, 9, At(20.01)));
    }

    [Fact]
    public void A_lower_acknowledgement_that_answers_a_resend_is_obeyed()
    {
        var sender = New(acknowledged: 7, highestAtStart: 9);
        SendAll(sender, 9, At(0));
        Assert.Equal([(8, 9)], SendAll(sender, 9, At(1)));
        Assert.Equal(AckOutcome.Lower, sender.Ack(2, At(1.005)));
        Assert.Equal([(3, 7), (8, 9)], SendAll(sender, 9, At(1.005)));
    }

    [Fact]
    public void A_repeated_acknowledgement_right_after_a_resend_answers_a_duplicate_and_is_not_obeyed()
    {
        var sender = New(acknowledged: 7, highestAtStart: 9);
        SendAll(sender, 9, At(0));
        SendAll(sender, 9, At(1));
        sender.Ack(7, At(1.5));
        Assert.Empty(SendAll(sender, 9, At(1.5)));
        sender.Ack(7, At(2));
        Assert.Equal([(8, 9)], SendAll(sender, 9, At(2)));
    }

    // highest at the start, made since, sent since, acknowledged by the server: an old copy or not
    [Theory]
    [InlineData(10, 0, 0, 10, AckOutcome.Progress)]
    [InlineData(10, 0, 0, 11, AckOutcome.AboveHighest)]
    [InlineData(10, 5, 0, 13, AckOutcome.AboveHighest)]
    [InlineData(10, 5, 12, 12, AckOutcome.Progress)]
    [InlineData(10, 5, 12, 13, AckOutcome.AboveHighest)]
    [InlineData(0, 5, 5, 5, AckOutcome.Progress)]
    [InlineData(0, 5, 0, 1, AckOutcome.AboveHighest)]
    public void An_acknowledgement_of_what_was_never_sent_means_an_old_copy(long atStart, long made, long sent, long seq, AckOutcome outcome)
    {
        var sender = New(acknowledged: 5 < atStart ? 5 : 0, highestAtStart: atStart);
        if (sent > 0)
        {
            Assert.InRange(sent, 0, atStart + made);
            sender.Sent(sender.Acknowledged + 1, sent, At(0));
        }

        Assert.Equal(outcome, sender.Ack(seq, At(0.1)));
    }

    [Fact]
    public void A_refused_batch_goes_event_by_event_and_one_still_refused_is_replaced()
    {
        var sender = New();
        SendAll(sender, 4, At(0));
        Assert.Equal(RefusalOutcome.OneByOne, sender.Refused(1, At(0)));
        Assert.Equal([(1, 1), (2, 2), (3, 3)], SendAll(sender, 4, At(0)));
        sender.Ack(1, At(0.1));
        Assert.Equal(RefusalOutcome.Replace, sender.Refused(2, At(0.1)));
        Assert.Equal([(2, 2), (3, 3), (4, 4)], SendAll(sender, 4, At(0.1)));
    }

    [Fact]
    public void The_second_refusal_of_a_batch_sent_twice_does_not_fall_on_its_first_event()
    {
        var sender = New();
        SendAll(sender, 4, At(0));
        SendAll(sender, 4, At(1));
        Assert.Equal(RefusalOutcome.OneByOne, sender.Refused(1, At(1.1)));
        SendAll(sender, 4, At(1.1));
        Assert.Equal(RefusalOutcome.Stale, sender.Refused(1, At(1.2)));
        Assert.Equal(RefusalOutcome.Replace, sender.Refused(1, At(1.3)));
    }

    [Fact]
    public void Whatever_is_lost_doubled_or_out_of_order_every_event_arrives() =>
        Gen.Int[0, 99].Array[400].Sample(draws =>
        {
            var (sender, server, acks, now, i) = (New(), 0L, new List<long>(), At(0), 0);
            while (server < 60 && now < At(3600))
            {
                foreach (var (first, last) in SendAll(sender, 60, now))
                {
                    var draw = draws[i++ % draws.Length];
                    server = draw >= 25 && first <= server + 1 ? Math.Max(server, last) : server;
                    acks.Add(server);
                    if (draw > 80)
                    {
                        acks.Insert(0, server);
                    }
                }

                while (acks.Count > 3)
                {
                    var draw = draws[i++ % draws.Length];
                    var at = draw % acks.Count;
                    if (draw > 30)
                    {
                        sender.Ack(acks[at], now);
                    }

                    acks.RemoveAt(at);
                }

                now += At(0.3);
            }

            return server == 60;
        });
}
