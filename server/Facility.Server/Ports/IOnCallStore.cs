using Facility.Domain.OnCall;

namespace Facility.Server.Ports;

/// <summary>What was promised to people, and what came of it. Durable when a call returns.</summary>
public interface IOnCallStore
{
    /// <summary>Deliveries that are due, and all of the subjects, oldest first.</summary>
    IReadOnlyList<Delivery> Load(IReadOnlyCollection<string> subjects);

    IReadOnlyList<Delivery> Of(string subject);

    Delivery? Find(string id);

    /// <summary>All or nothing. A row of the same id is replaced.</summary>
    void Save(IReadOnlyCollection<Delivery> deliveries);

    /// <summary>A link that was sent to a person; what is kept is a hash of its token.</summary>
    void Save(string tokenHash, Link link);

    Link? FindLink(string tokenHash);

    /// <summary>A person answered a drill.</summary>
    void Confirm(string drill, string person, DateTimeOffset at);

    bool IsConfirmed(string drill, string person);

    /// <summary>Forgets what is over and was made before a time, and links that have expired.</summary>
    void Forget(DateTimeOffset before, DateTimeOffset now);
}

/// <param name="Subjects">Incidents, or the drill, that it is about.</param>
public sealed record Link(string Person, IReadOnlyList<string> Subjects, DateTimeOffset Expires);
