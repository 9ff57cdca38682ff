using CsCheck;
using Facility.Domain.Ingestion;
using Facility.Server.Adapters;

namespace Facility.Tests.Unit.Ingestion;

/// <summary>What is kept of the journal's end in memory is what the file would give, or nothing.</summary>
public sealed class JournalTailTests
{
    [Fact]
    public void It_gives_what_follows_a_cursor_and_nothing_where_that_has_left() =>
        Gen.Select(Gen.Int[1, 400].List[1, 300], Gen.Int[0, 400], Gen.Int[1, 3000]).Sample((batches, cursor, most) =>
        {
            const int Head = 7;
            var tail = new JournalTail(Head);
            var all = batches.Select((events, i) => Entry(Head + 1 + i, events)).ToList();
            foreach (var transaction in all.Chunk(3))
            {
                tail.Add([.. transaction]);
            }

            var read = tail.Read(cursor, most);
            if (read is null)
            {
                Assert.True(cursor < Head || all.Sum(e => ((EventsJournaled)e.Fact).Events.Count) > 20_000);
                return;
            }

            Assert.Equal(all.Where(e => e.Id > cursor).Take(read.Count), read);
            var events = read.Sum(e => ((EventsJournaled)e.Fact).Events.Count);
            Assert.True(events >= most || read.Count == all.Count(e => e.Id > cursor), "a full portion, or all there is");
        });

    [Fact]
    public void What_was_there_before_the_start_is_not_in_it() => Assert.Null(new JournalTail(5).Read(4, 100));

    [Fact]
    public void What_was_trimmed_has_left_and_trimming_nothing_or_what_left_before_changes_nothing()
    {
        var tail = new JournalTail(7);
        var all = Enumerable.Range(8, 5).Select(id => Entry(id, 1)).ToList();
        tail.Add([.. all]);
        foreach (var trimmed in (long[])[0, 7, 9, 9, 8])
        {
            tail.Forget(trimmed);
        }

        Assert.Null(tail.Read(8, 100));
        Assert.Equal(all.Skip(2), tail.Read(9, 100));
        Assert.Equal(all.Skip(4), tail.Read(11, 100));
    }

    private static JournalEntry Entry(long id, int events) => new(
        id, DateTimeOffset.UnixEpoch, "ratelaar", "ratelaar-01", new EventsJournaled(Guid.Empty, new JournaledEvent[events]));
}
