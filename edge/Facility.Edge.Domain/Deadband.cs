namespace Facility.Edge.Domain;

/// <summary>
/// Reports a measured value when it has moved by at least a band since the last report, or when that is too long ago.
/// </summary>
/// <param name="Reported">The last reported value; null before the first.</param>
/// <param name="AtNs">When, on the monotonic clock.</param>
public readonly record struct Deadband(double? Reported, long AtNs)
{
    /// <returns>The next state and whether to report the value.</returns>
    public (Deadband Next, bool Report) Step(double value, long nowNs, double band, long maxIntervalNs) =>
        Reported is not { } last || Math.Abs(value - last) >= band || nowNs - AtNs >= maxIntervalNs
            ? (new Deadband(value, nowNs), true)
            : (this, false);
}
