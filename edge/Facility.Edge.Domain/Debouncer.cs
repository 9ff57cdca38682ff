namespace Facility.Edge.Domain;

/// <summary>
/// Takes a level for true once it has held for a period; a shorter pulse is noise and is never seen.
/// <code>
/// raw     ___|‾|_|‾‾‾‾‾‾‾‾‾‾‾‾‾‾
/// period         |-----|
/// stable  _____________|‾‾‾‾‾‾‾    reported with the time at which it began to change
///            ^ this
/// </code>
/// </summary>
/// <param name="ChangedNs">When the raw level last changed.</param>
/// <param name="BeganNs">When the change began that may become stable: its bounces are less than a period apart.</param>
/// <remarks>
/// The beginning is the time of the event: two beams that bounce differently keep their order. It goes back at most three
/// periods from the last bounce. Times are nanoseconds of one monotonic clock. For lines that are not debounced elsewhere.
/// </remarks>
public readonly record struct Debouncer(bool Stable, bool Raw, long ChangedNs, long BeganNs)
{
    /// <summary>How many periods after the beginning a change may still settle.</summary>
    public const int MostPeriods = 3;

    public static Debouncer At(bool level, long nowNs) => new(level, level, nowNs, nowNs);

    /// <summary>When <see cref="Settle"/> will have something to say; null when nothing is pending.</summary>
    public long? DueNs(long periodNs) => Raw == Stable ? null : ChangedNs + periodNs;

    /// <summary>A raw edge. Settle up to its time first.</summary>
    public Debouncer Step(bool level, long atNs, long periodNs)
    {
        if (level == Raw)
        {
            return this;
        }

        var isBounce = atNs - ChangedNs < periodNs;
        return this with { Raw = level, ChangedNs = atNs, BeganNs = isBounce ? Math.Max(BeganNs, atNs - (MostPeriods - 1) * periodNs) : atNs };
    }

    /// <returns>The new state, and whether the stable level changed, at <see cref="BeganNs"/>.</returns>
    public (Debouncer Next, bool Changed) Settle(long nowNs, long periodNs) =>
        Raw != Stable && nowNs - ChangedNs >= periodNs ? (this with { Stable = Raw }, true) : (this, false);
}
