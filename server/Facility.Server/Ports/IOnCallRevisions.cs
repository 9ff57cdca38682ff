namespace Facility.Server.Ports;

/// <summary>Every revision of the on-call file that ruled. Durable when a call returns.</summary>
public interface IOnCallRevisions
{
    /// <summary>The newest first, at most 1,000; or the one of a number.</summary>
    IReadOnlyList<OnCallRevision> Revisions(long? number = null);

    /// <summary>The last one; null where there is none.</summary>
    OnCallRevision? Newest();

    /// <summary>Keeps one more.</summary>
    void Add(DateTimeOffset at, string who, string note, string document);
}

/// <param name="Number">From 1, without holes.</param>
/// <param name="Document">JSON.</param>
public sealed record OnCallRevision(long Number, DateTimeOffset At, string Who, string Note, string Document);
