namespace Facility.Contracts.Mqtt;

/// <summary>Why a whole batch is refused: counted by reason, kept for inspection, never acknowledged (contract, section 2.1).</summary>
public static class RefusalReasons
{
    public const string TooLarge = "too-large";
    public const string NotJson = "not-json";
    public const string DuplicateKey = "duplicate-key";
    public const string UnknownVersion = "unknown-version";

    /// <summary>A field of the envelope is missing or of another type.</summary>
    public const string BadEnvelope = "bad-envelope";

    public const string NoEvents = "no-events";
    public const string TooManyEvents = "too-many-events";
    public const string SeqNotContiguous = "seq-not-contiguous";
    public const string OldestAboveFirst = "oldest-above-first";

    public static readonly IReadOnlyList<string> All =
        [TooLarge, NotJson, DuplicateKey, UnknownVersion, BadEnvelope, NoEvents, TooManyEvents, SeqNotContiguous, OldestAboveFirst];
}

/// <summary>A refused batch.</summary>
/// <param name="Reason">One of <see cref="RefusalReasons"/>.</param>
/// <param name="Detail">What was wrong and what is allowed, for a person.</param>
/// <param name="Stream">As far as it could be read.</param>
/// <param name="Seq">The first sequence number of the batch, as far as it could be read.</param>
public sealed record Refusal(string Reason, string Detail, Guid? Stream, long? Seq);
