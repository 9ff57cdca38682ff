namespace Facility.Contracts;

/// <summary>The limits of the contract, in one place for both ends of the wire.</summary>
public static class Limits
{
    /// <summary>Bytes of one batch of events, 64 KiB.</summary>
    public const int BatchBytes = 64 * 1024;

    /// <summary>Bytes of one request for a newer certificate.</summary>
    public const int RenewalBytes = 8 * 1024;

    /// <summary>Events in one batch; at least one.</summary>
    public const int BatchEvents = 500;

    /// <summary>Characters of a site, zone, device, sensor or portal id.</summary>
    public const int IdLength = 64;

    /// <summary>The highest sequence number: the largest whole number that every JSON reader holds exactly (RFC 8259, section 6).</summary>
    public const long MaxSeq = (1L << 53) - 1;

    /// <summary>Batches of one stream that a device may have under way.</summary>
    public const int BatchesUnderWay = 16;

    /// <summary>Live streams of one device; a fifth retires the longest silent.</summary>
    public const int LiveStreams = 4;

    /// <summary>A device is silent when no message that is not retained came for this long.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(90);

    /// <summary>A device tells its status this often.</summary>
    public static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(30);

    /// <summary>The longest span of one answer.</summary>
    public const int AnswerYears = 5;

    /// <summary>The most points of one answer.</summary>
    public const int AnswerPoints = 40_000;
}
