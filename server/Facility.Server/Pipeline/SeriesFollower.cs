using Facility.Contracts.Mqtt;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>Brings journaled events to the time series; those set aside stay in the journal alone.</summary>
/// <remarks>
/// A portal is the one of the sites revision that ruled at the entry, however far this lags. An event without a number
/// for a value, which only a kind that this version does not know can be, has no point in a time series: it stays in the journal.
/// </remarks>
public sealed class SeriesFollower(
    IJournalReader journal, ICursors cursors, ISeriesStore store, IJournalCounts revisions, ILogger<SeriesFollower> logger)
    : JournalFollower(FollowerName, journal, cursors, logger)
{
    public const string FollowerName = "series";

    private SitePlans? plans;

    protected override int Portion => 10_000;

    protected override TimeSpan Pause => TimeSpan.FromMilliseconds(50);

    protected override Task PrepareAsync(CancellationToken cancellation) => store.PrepareAsync(cancellation);

    protected override async Task TakeAsync(IReadOnlyList<JournalEntry> entries, CancellationToken cancellation)
    {
        plans ??= revisions.NewestSites(entries[0].Id - 1) is { } ruled ? new SitePlans(ruled.Document) : SitePlans.Empty;
        var points = new List<EventPoint>();
        var ruling = plans;
        foreach (var entry in entries)
        {
            if (entry.Fact is SitesRevised revision)
            {
                ruling = new SitePlans(revision.Document);
            }
            else if (entry.Fact is EventsJournaled journaled)
            {
                AddPoints(points, entry, journaled, ruling.Of(entry.Site));
            }
        }

        if (points.Count > 0)
        {
            await store.WriteAsync(points, [], cancellation);
        }

        // Only now: what fails is taken again, under the revision that ruled where it begins.
        plans = ruling;
    }

    private static void AddPoints(List<EventPoint> points, JournalEntry entry, EventsJournaled journaled, SitePlan? plan)
    {
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
