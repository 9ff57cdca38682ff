using Facility.Domain.Ingestion;

namespace Facility.Server.Adapters;

/// <summary>
/// The newest entries of the journal as they were written, so that followers at its head, which is where they are, need not read and
/// decode them from the file again. Bounded by events: the oldest leave, and are read from the file.
/// </summary>
/// <remarks>Not safe for threads.</remarks>
internal sealed class JournalTail(long head)
{
    /// <summary>About 4 MB.</summary>
    private const int MostEvents = 20_000;

    private readonly List<JournalEntry> entries = [];
    private long before = head;
    private int events;

    /// <summary>Adds what a transaction wrote, in order.</summary>
    public void Add(List<JournalEntry> written)
    {
        entries.AddRange(written);
        events += written.Sum(Events);

        // Half at once, so that moving the rest costs little for each.
        if (events > 2 * MostEvents)
        {
            var gone = 0;
            for (; events > MostEvents && gone < entries.Count; gone++)
            {
                events -= Events(entries[gone]);
                before = entries[gone].Id;
            }

            entries.RemoveRange(0, gone);
        }
    }

    /// <summary>Some entries up to here are not in the journal any more; all followers have passed it.</summary>
    public void Forget(long upTo)
    {
        if (upTo <= before)
        {
            // Nearly every transaction trims nothing: it must not look through all that is here.
            return;
        }

        var gone = entries.FindLastIndex(e => e.Id <= upTo) + 1;
        events -= entries.Take(gone).Sum(Events);
        entries.RemoveRange(0, gone);
        before = upTo;
    }

    /// <summary>Entries after a cursor; null where some of them have left.</summary>
    public IReadOnlyList<JournalEntry>? Read(long after, int maxEvents)
    {
        if (after < before)
        {
            return null;
        }

        var (from, to) = (0, entries.Count);
        while (from < to)
        {
            var middle = (from + to) / 2;
            (from, to) = entries[middle].Id <= after ? (middle + 1, to) : (from, middle);
        }

        var count = 0;
        for (var read = 0; read < maxEvents && from + count < entries.Count; count++)
        {
            read += Events(entries[from + count]);
        }

        return entries.GetRange(from, count);
    }

    private static int Events(JournalEntry entry) => entry.Fact is EventsJournaled batch ? batch.Events.Count : 1;
}
