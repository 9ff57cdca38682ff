using Facility.Domain.OnCall;
using Facility.Server.Ports;

namespace Facility.Server.OnCall;

/// <summary>One try of a person's channel, which always has an answer: a channel that hangs or breaks has failed.</summary>
internal sealed class ChannelCalls(IEnumerable<IChannel> channels, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly Dictionary<string, IChannel> _channels = channels.ToDictionary(c => c.Kind);

    public bool Has(string kind) => _channels.ContainsKey(kind);

    /// <exception cref="OperationCanceledException">Only where <paramref name="cancellation"/> was asked for.</exception>
    public async Task<SendAnswer> TryAsync(Message message, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            return await _channels[message.Channel].SendAsync(message, either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new SendAnswer(SendOutcome.Failed, $"no answer within {Patience.TotalSeconds} s");
        }
#pragma warning disable CA1031 // A defect of one channel is a failure of that channel: the next one is tried.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            logger.LogError(e, "Channel {Kind} failed", message.Channel);
            return new SendAnswer(SendOutcome.Failed, "the channel failed; the log says why");
        }
    }

    /// <summary>The word of an attempt for what a provider made of it.</summary>
    public static string Word(SendOutcome outcome) => outcome switch
    {
        SendOutcome.Sent => Attempt.Sent,
        SendOutcome.Failed => Attempt.Failed,
        _ => Attempt.Refused,
    };
}
