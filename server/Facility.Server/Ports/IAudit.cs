namespace Facility.Server.Ports;

/// <summary>Who saw and did what: rows that can be added, and read, and not changed or taken away while they are kept.</summary>
public interface IAudit
{
    /// <summary>
    /// Adds a row, on disk when it returns. Texts are cleaned of control characters and marks of direction, and cut. It never throws: a
    /// record that cannot be written is logged instead, since who must act on an alarm may not be held up by it.
    /// </summary>
    /// <param name="who">A person's name, <c>token:NAME</c>, or <c>anonymous</c>.</param>
    /// <param name="what">One of few words, such as <c>sign-in</c> or <c>act-on-incidents</c>.</param>
    /// <param name="about">Which object, such as <c>/v1/incidents/42/resolution</c>.</param>
    /// <param name="detail">What else is worth knowing; never a secret.</param>
    void Record(string who, string what, string about, string? detail = null);

    /// <summary>The newest first.</summary>
    IReadOnlyList<AuditEntry> Between(DateTimeOffset from, DateTimeOffset to, int max);
}

/// <summary>One row of the audit.</summary>
public sealed record AuditEntry(long Number, DateTimeOffset At, string Who, string What, string About, string Detail);
