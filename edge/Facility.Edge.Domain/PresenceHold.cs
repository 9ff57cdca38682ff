namespace Facility.Edge.Domain;

/// <summary>
/// Makes presence out of movement: someone is there at the first movement, and nobody once there was none for a while.
/// <code>
/// movement  __|‾|__|‾|______________
/// hold                 |------|
/// presence  __|‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾|_____
/// </code>
/// </summary>
/// <param name="Present">Someone is there.</param>
/// <param name="StillSinceNs">Since when nothing moves, on the monotonic clock; null while something does, or nobody is there.</param>
public readonly record struct PresenceHold(bool Present, long? StillSinceNs)
{
    public long? DueNs(long holdNs) => StillSinceNs + holdNs;

    /// <returns>The next state and whether presence changed.</returns>
    public (PresenceHold Next, bool Changed) Step(bool moving, long atNs) => moving
        ? (new PresenceHold(true, null), !Present)
        : (this with { StillSinceNs = Present ? StillSinceNs ?? atNs : null }, false);

    /// <returns>The next state and whether presence ended.</returns>
    public (PresenceHold Next, bool Changed) Settle(long nowNs, long holdNs) =>
        StillSinceNs is { } since && nowNs - since >= holdNs ? (new PresenceHold(false, null), true) : (this, false);
}
