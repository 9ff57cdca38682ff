using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>
/// Follows the journal for incidents. The cursor is saved with what it led to, so a kill at any moment takes the same entries
/// again and opens the same incidents. Time passes with the entries, and once a second at the head.
/// </summary>
public sealed class IncidentFollower(
    IJournalReader journal, ICursors cursors, IncidentDesk desk, ISitesDirectory sites, ILogger<IncidentFollower> logger)
    : JournalFollower("incidents", journal, cursors, logger)
{
    private SitePlans _plans = new(sites.Current);

    // One write of an idle disk's worth at most: an alarm that comes alone is taken at once.
    protected override TimeSpan Pause => TimeSpan.FromMilliseconds(100);

    protected override Task TakeAsync(IReadOnlyList<JournalEntry> entries, CancellationToken cancellation)
    {
        desk.Take(entries, entry =>
        {
            if (entry.Fact is SitesRevised revised)
            {
                _plans = new SitePlans(revised.Document);
            }

            return _plans.Of(entry.Site);
        });
        return Task.CompletedTask;
    }

    protected override Task IdleAsync(DateTimeOffset watermark, CancellationToken cancellation)
    {
        desk.Tick(watermark, _plans.All);
        return Task.CompletedTask;
    }

    protected override long LoadCursor() => desk.Cursor;

    protected override void SaveCursor(long taken)
    {
        // Saved by the desk, with what the entries led to.
    }
}
