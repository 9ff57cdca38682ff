using Facility.Domain.Ingestion;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>
/// Follows the journal for incidents. The cursor is saved with what it led to, so a kill at any moment takes the same entries
/// again and opens the same incidents. Time passes with the entries, and once a second at the head, where what the server sees
/// by itself goes into the journal.
/// </summary>
/// <remarks>While the journal cannot be written, one set of sights waits and no other is made: events and time go on.</remarks>
public sealed class IncidentFollower(
    IJournalReader journal, ICursors cursors, IncidentDesk desk, ServerWatch watch, IFactJournal facts, ILogger<IncidentFollower> logger)
    : JournalFollower("incidents", journal, cursors, logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private readonly IJournalReader _journal = journal;
    private static readonly TimeSpan Looks = TimeSpan.FromMilliseconds(900);
    private DateTimeOffset _looked;
    private Task _telling = Task.CompletedTask;

    // One write of an idle disk's worth at most: an alarm that comes alone is taken at once.
    protected override TimeSpan Pause => TimeSpan.FromMilliseconds(100);

    protected override Task TakeAsync(IReadOnlyList<JournalEntry> entries, CancellationToken cancellation)
    {
        desk.Take(entries);
        return Task.CompletedTask;
    }

    protected override async Task IdleAsync(DateTimeOffset watermark, CancellationToken cancellation)
    {
        desk.Tick(watermark);
        if (_telling.IsCompleted && (watermark - _looked).Duration() >= Looks)
        {
            _looked = watermark;
            var failed = _telling.Exception;
            _telling = TellAsync([.. watch.See(desk.Plans, desk, watermark)], cancellation);
            if (failed is not null)
            {
                throw failed;
            }
        }

        await Task.WhenAny(_telling, Task.Delay(Patience, cancellation));
    }

    protected override long LoadCursor() => desk.Cursor;

    // Otherwise saved by the desk, with what the entries led to.
    protected override void SaveCursor(long taken)
    {
        if (taken == 0)
        {
            desk.StartOver(_journal.Read(0, 1) is [var first, ..] ? first.Received : DateTimeOffset.MinValue);
        }
    }

    private async Task TellAsync(IReadOnlyList<(string Site, JournalFact Fact)> seen, CancellationToken cancellation)
    {
        foreach (var (site, fact) in seen)
        {
            await facts.AppendAsync(site, "", fact, cancellation);
        }
    }
}
