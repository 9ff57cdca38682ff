using Facility.Domain.OnCall;

namespace Facility.Server.Ports;

/// <summary>A way to reach a person. It tries once; retries and other ways are the sender's.</summary>
public interface IChannel
{
    /// <summary>email, push, ntfy, webhook or mqtt: the name in the on-call file.</summary>
    string Kind { get; }

    /// <summary>What is wrong with an address and what is allowed, or null.</summary>
    string? Refusal(string address);

    /// <summary>Hands the message to the provider. Never throws but for a cancellation.</summary>
    Task<SendAnswer> SendAsync(Message message, CancellationToken cancellation);
}

/// <param name="Outcome">What the provider made of it.</param>
/// <param name="Detail">The provider's own words, for the row of the delivery; no secrets.</param>
public sealed record SendAnswer(SendOutcome Outcome, string Detail);

public enum SendOutcome
{
    /// <summary>The provider has it; whether the person does is not known.</summary>
    Sent,

    /// <summary>Not now: try again later.</summary>
    Failed,

    /// <summary>Never: the address is wrong or gone; the next channel's turn.</summary>
    Refused,
}
