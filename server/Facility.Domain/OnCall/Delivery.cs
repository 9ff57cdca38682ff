namespace Facility.Domain.OnCall;

/// <summary>A promise to tell one person of one thing: a row that outlives every restart.</summary>
/// <param name="Id">The same for all attempts, so that a channel can drop what it has had.</param>
/// <param name="Subject">The incident; or <c>drill</c>, <c>gap</c>, <c>unreachable</c> with what it is about.</param>
/// <param name="Since">When the incident came to stand open: an acknowledgement that lapses begins anew.</param>
/// <param name="Step">Of the policy, counted on through the repeats after its last.</param>
/// <param name="Channel">Index in the person's channels of the one whose turn it is.</param>
/// <param name="Tries">Attempts by that channel that failed.</param>
/// <param name="DueAt">When it is to be tried.</param>
public sealed record Delivery(
    string Id, string Subject, DateTimeOffset Since, int Step, string Person, bool Urgent, DateTimeOffset MadeAt, DateTimeOffset DueAt,
    DeliveryState State = DeliveryState.Due, int Channel = 0, int Tries = 0, IReadOnlyList<Attempt>? Attempts = null)
{
    /// <summary>Seconds from one attempt by a channel to its next; after the last of them the next channel is tried.</summary>
    private static readonly int[] Backoff = [2, 10];

    public bool IsOver => State is not DeliveryState.Due;

    /// <summary>A provider tells that the person's device has it.</summary>
    public Delivery Reported(string detail, DateTimeOffset now) => this with
    {
        State = DeliveryState.Delivered,
        Attempts = [.. Attempts ?? [], new Attempt(now, Attempts is [.., var last] ? last.Channel : "", Attempt.Delivered, detail)],
    };

    /// <summary>What the answer to an attempt makes of it.</summary>
    /// <param name="channels">How many channels the person has.</param>
    public Delivery After(string channel, string outcome, string detail, int channels, DateTimeOffset now)
    {
        var tried = this with { Attempts = [.. Attempts ?? [], new Attempt(now, channel, outcome, detail)] };
        if (State == DeliveryState.Delivered)
        {
            return tried;
        }

        if (outcome == Attempt.Sent)
        {
            return tried with { State = DeliveryState.Sent };
        }

        if (outcome == Attempt.Failed && Tries < Backoff.Length)
        {
            return tried with { Tries = Tries + 1, DueAt = now.AddSeconds(Backoff[Tries]) };
        }

        return Channel + 1 < channels
            ? tried with { Channel = Channel + 1, Tries = 0, DueAt = now }
            : tried with { State = DeliveryState.Failed };
    }
}

public enum DeliveryState
{
    Due,

    /// <summary>A provider has it. It stops nothing: only a person does.</summary>
    Sent,

    /// <summary>The provider says that the person's device has it. It stops nothing either.</summary>
    Delivered,

    /// <summary>No channel of the person took it: the next step begins at once.</summary>
    Failed,

    /// <summary>Somebody acknowledged before it was sent.</summary>
    Dropped,
}

/// <param name="Outcome">sent, failed or refused; delivered where the provider reports it later.</param>
/// <param name="Detail">The provider's own words.</param>
public sealed record Attempt(DateTimeOffset At, string Channel, string Outcome, string Detail)
{
    public const string Sent = "sent";
    public const string Failed = "failed";
    public const string Refused = "refused";
    public const string Delivered = "delivered";
}
