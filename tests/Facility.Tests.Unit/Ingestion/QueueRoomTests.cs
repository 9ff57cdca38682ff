using Facility.Server.Pipeline;

namespace Facility.Tests.Unit.Ingestion;

public sealed class QueueRoomTests
{
    [Fact]
    public void What_has_no_room_is_not_taken_and_what_leaves_makes_room()
    {
        var room = new QueueRoom(100);
        Assert.True(room.TryEnter(60));
        Assert.False(room.TryEnter(41));
        Assert.Equal(60, room.Taken);
        Assert.True(room.TryEnter(40));
        Assert.False(room.TryEnter(1));
        room.Leave(60);
        Assert.True(room.TryEnter(60));
        Assert.Equal(100, room.Taken);
    }

    [Fact]
    public void Many_at_once_never_hold_more_than_there_is()
    {
        var room = new QueueRoom(1000);
        Parallel.For(0, 10_000, i =>
        {
            if (room.TryEnter(i % 90))
            {
                Assert.InRange(room.Taken, 0, 1000 + (90 * Environment.ProcessorCount * 4));
                room.Leave(i % 90);
            }
        });
        Assert.Equal(0, room.Taken);
    }
}
