using Facility.Contracts.Places;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>The revision of the sites that rules now: the newest in the journal. The pipeline applies a new one when it is on disk.</summary>
public sealed class SitesDirectory(IJournalCounts journal) : ISitesDirectory
{
    private volatile SitePlans plans = journal.NewestSites() is { } revision ? new SitePlans(revision.Document) : SitePlans.Empty;

    public SitesDocument Current => plans.Document;

    public SitePlans Plans => plans;

    /// <summary>Whether this server has never had any sites: the sites file fills it.</summary>
    public bool IsEmpty => ReferenceEquals(plans, SitePlans.Empty);

    public void Apply(SitesRevised revision) => plans = new SitePlans(revision.Document);
}
