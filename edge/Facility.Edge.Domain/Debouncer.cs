namespace Facility.Edge.Domain;

/// <summary>
/// Takes a level for true once it has held for a period; a shorter pulse is noise and is never seen.
/// </summary>
/// <remarks>
/// <code>
/// raw     ___|‾|_|‾‾‾‾‾‾‾‾‾‾‾‾‾‾
/// period        |-----|
/// stable  ____________|‾‾‾‾‾‾‾‾    reported with the time at which the raw level last changed
/// </code>
/// Times are nanoseconds of one monotonic clock. For pins that do not debounce themselves; the kernel's do.
/// </remarks>
public readonly record struct Debouncer(bool Stable, bool Raw, long ChangedNs)
{
    public static Debouncer At(bool level, long nowNs) => new(level, level, nowNs);

    /// <summary>When <see cref="Settle"/> will have something to say; null when nothing is pending.</summary>
    public long? DueNs(long periodNs) => Raw == Stable ? null : ChangedNs + periodNs;

    /// <summary>A raw edge. Settle up to its time first.</summary>
    public Debouncer Step(bool level, long atNs) => level == Raw ? this : this with { Raw = level, ChangedNs = atNs };

    /// <returns>The new state, and whether the stable level changed, at <see cref="ChangedNs"/>.</returns>
    public (Debouncer Next, bool Changed) Settle(long nowNs, long periodNs) =>
        Raw != Stable && nowNs - ChangedNs >= periodNs ? (this with { Stable = Raw }, true) : (this, false);
}
