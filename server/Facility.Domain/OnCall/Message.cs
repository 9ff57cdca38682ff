namespace Facility.Domain.OnCall;

/// <summary>What one person is told by one channel, once. The same id is sent again by a retry, so that a channel can drop it.</summary>
/// <param name="Id">Of the delivery; the same over all its attempts.</param>
/// <param name="Incident">What it is about; null for a drill, a summary or a test.</param>
/// <param name="Address">Where the channel reaches the person: a mail address, a push subscription, a URL, a topic.</param>
/// <param name="Title">One line: what and where.</param>
/// <param name="Text">Plain words: what to do first.</param>
/// <param name="Link">Where it is acknowledged after a look; null when there is nothing to acknowledge.</param>
/// <param name="Urgent">Wakes people: passes quiet hours and limits.</param>
/// <param name="Language">nl or en.</param>
public sealed record Message(
    string Id, string? Incident, string Person, string Channel, string Address, string Title, string Text, Uri? Link, bool Urgent, string Language);
