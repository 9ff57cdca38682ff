using System.Collections.Concurrent;
using Facility.Contracts.OnCall;
using Facility.Contracts.Rest;
using Facility.Domain.OnCall;
using Facility.Server.Ports;

namespace Facility.Server.OnCall;

/// <summary>Sends a person a message that says it is a test, by one channel. At most one each 10 s for a person: a provider counts them too.</summary>
public sealed class ChannelTests(IEnumerable<IChannel> channels, TimeProvider time, ILogger<ChannelTests> logger)
{
    public static readonly TimeSpan Apart = TimeSpan.FromSeconds(10);
    private readonly ChannelCalls _calls = new(channels, time, logger);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _last = [];

    /// <summary>The kinds of channel that there are.</summary>
    public IReadOnlyList<string> Kinds { get; } = [.. channels.Select(c => c.Kind)];

    /// <returns>Null where the last one was too short a time ago.</returns>
    public async Task<ChannelTestAnswer?> TryAsync(OnCallPerson person, ChannelAddress channel, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var before = _last.GetValueOrDefault(person.Id, DateTimeOffset.MinValue);
        if (now - before < Apart)
        {
            return null;
        }

        _last[person.Id] = now;
        var (title, text) = person.Language == "nl"
            ? ("Test van de buurtpleinen", "Dit is een test. U hoeft niets te doen: via deze weg bereikt een melding u.")
            : ("Test of the neighbourhood centres", "This is a test. You need not do anything: an incident reaches you by this way.");
        var message = new Message(
            Guid.CreateVersion7().ToString("N"), null, person.Id, channel.Kind, channel.Address, title, text, null, Urgent: false, person.Language);
        var answer = await _calls.TryAsync(message, cancellation);
        return new ChannelTestAnswer(ChannelCalls.Word(answer.Outcome), answer.Detail);
    }
}
