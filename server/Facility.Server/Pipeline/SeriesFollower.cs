using Facility.Contracts.Mqtt;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>Brings journaled events to the time series; those set aside stay in the journal alone.</summary>
/// <remarks>A portal is the one of the sites revision that rules now, which is the one that ruled at the entry unless it was changed while this lagged.</remarks>
public sealed class SeriesFollower(
    IJournalReader journal, ICursors cursors, ISeriesStore store, SitesDirectory sites, ILogger<SeriesFollower> logger)
    : JournalFollower("series", journal, cursors, logger)
{
    private SitePlans plans = SitePlans.Empty;

    protected override TimeSpan Pause => TimeSpan.FromMilliseconds(50);

    protected override Task PrepareAsync(CancellationToken cancellation)
    {
        plans = sites.Plans;
        return store.PrepareAsync(cancellation);
    }

    protected override async Task TakeAsync(IReadOnlyList<JournalEntry> entries, CancellationToken cancellation)
    {
        var points = new List<EventPoint>();
        foreach (var entry in entries)
        {
            if (entry.Fact is SitesRevised revision)
            {
                plans = new SitePlans(revision.Document);
            }
            else if (entry.Fact is EventsJournaled journaled)
            {
                AddPoints(points, entry, journaled);
            }
        }

        if (points.Count > 0)
        {
            await store.WriteAsync(points, [], cancellation);
        }
    }

    private void AddPoints(List<EventPoint> points, JournalEntry entry, EventsJournaled journaled)
    {
        var plan = plans.Of(entry.Site);
        foreach (var e in journaled.Events)
        {
            if (e.SetAside != SetAside.None || double.IsNaN(e.Value))
            {
                continue;
            }

            var portal = e.Kind == EventKinds.Passage ? plan?.PortalOf(e.Sensor) : null;
            points.Add(new EventPoint(
                entry.Site, entry.Device, journaled.Stream, e.Seq, e.At, e.Sensor, e.Kind, e.Value, portal?.Id,
                portal is null || SitePlan.InIsPositive(portal)));
        }
    }
}
