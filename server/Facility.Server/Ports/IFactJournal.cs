using Facility.Domain.Ingestion;

namespace Facility.Server.Ports;

/// <summary>Where people's facts go: into the journal, like the devices' events, and everything follows from there.</summary>
public interface IFactJournal
{
    /// <summary>Appends a fact that no device told; completes when it is on disk. While the disk is full it waits.</summary>
    Task AppendAsync(string site, string device, JournalFact fact, CancellationToken cancellation = default);
}
