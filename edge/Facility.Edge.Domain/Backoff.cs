namespace Facility.Edge.Domain;

/// <summary>How long to wait before trying again: doubles from <c>first</c> to <c>longest</c>, half of it drawn at random, so that devices do not return in step.</summary>
public static class Backoff
{
    /// <param name="attempt">0 for the first wait.</param>
    /// <param name="jitter">The draw, 0 to 1.</param>
    public static TimeSpan Delay(int attempt, double jitter, TimeSpan first, TimeSpan longest)
    {
        var full = Math.Min(longest.TotalSeconds, first.TotalSeconds * Math.Pow(2, Math.Clamp(attempt, 0, 30)));
        return TimeSpan.FromSeconds(full / 2 + full / 2 * Math.Clamp(jitter, 0, 1));
    }
}
