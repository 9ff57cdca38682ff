namespace Facility.Domain.OnCall;

/// <summary>What a watch over a server has to tell people.</summary>
public enum VigilNews
{
    Nothing,

    /// <summary>The server has not called for too long: nobody is called by it any more.</summary>
    Silent,

    /// <summary>It calls again.</summary>
    Back,
}

/// <summary>A watch over a server that calls every minute. Its silence is told, and told again until it calls or the watch ends.</summary>
/// <remarks>Times are since the watch began, of a clock that nobody sets: a jump of the wall clock is no silence.</remarks>
/// <param name="HeardAt">Its last call; where there was none, when the watch began.</param>
/// <param name="ToldAt">When people were last told of the silence that lasts now.</param>
public sealed record Vigil(TimeSpan HeardAt, TimeSpan? ToldAt = null)
{
    /// <summary>How long people are left alone with it before they are told again.</summary>
    public static readonly TimeSpan Repeat = TimeSpan.FromMinutes(10);

    public (Vigil Next, VigilNews News) Heard(TimeSpan now) => (new Vigil(now), ToldAt is null ? VigilNews.Nothing : VigilNews.Back);

    /// <param name="after">How long a silence may last.</param>
    public (Vigil Next, VigilNews News) Looked(TimeSpan now, TimeSpan after) =>
        (ToldAt is { } told ? now - told >= Repeat : now - HeardAt >= after) ? (this with { ToldAt = now }, VigilNews.Silent) : (this, VigilNews.Nothing);
}
