using Facility.Contracts.Rest;
using Facility.Domain.Ingestion;
using Facility.Server.Ports;

namespace Facility.Server.Pipeline;

/// <summary>The journal could not take a person's act in time; it may still take it.</summary>
public sealed class ActPendingException() : Exception(
    "the act is not on disk, or not taken from there, after 10 s. Look at the incident before you send it again: it may still be taken");

/// <summary>
/// What people do to incidents: into the journal first, like all that happens, and then what became of it. Of two at once the journal's
/// order says who was first.
/// </summary>
public sealed class IncidentActs(IncidentDesk desk, IFactJournal journal, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <returns>The incident as it is then, or why not; neither when there is no such incident.</returns>
    /// <exception cref="ActPendingException">It is not known yet.</exception>
    public async Task<(Incident? Next, string? Refusal)> DoAsync(PersonActed act, CancellationToken cancellation)
    {
        // What is impossible already does not fill the journal.
        var (next, refusal) = desk.Try(act, time.GetUtcNow());
        if (next is null)
        {
            return (null, refusal);
        }

        var taken = desk.Expect(act.Id);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            await journal.AppendAsync(next.Site, "", act, patience.Token);
            return await taken.WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ActPendingException();
        }
        finally
        {
            desk.Forget(act.Id);
        }
    }
}
