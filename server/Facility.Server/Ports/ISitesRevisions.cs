using Facility.Domain.Ingestion;

namespace Facility.Server.Ports;

/// <summary>Every revision of the sites that there ever was; nothing trims them.</summary>
public interface ISitesRevisions
{
    /// <summary>The newest first, at most 1,000; or the one of a number.</summary>
    IReadOnlyList<SitesRevision> Revisions(long? number = null);

    /// <summary>The last one; null where there is none.</summary>
    SitesRevision? Newest();
}

/// <param name="Number">From 1, without holes.</param>
/// <param name="At">When it was received; it rules from then on.</param>
public sealed record SitesRevision(long Number, DateTimeOffset At, SitesRevised Revised);
