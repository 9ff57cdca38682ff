namespace Facility.Edge.Domain;

/// <summary>
/// Notices a line that flickers: that changes again and again where its partner does not.
/// <code>
/// beam      ___|‾|__|‾|__|‾|__|‾|_ ... _|‾|__________
/// partner   ________________________________________
/// unrest       |-----------------45 s---|----|            flickers from here  ^ to here
/// </code>
/// </summary>
/// <param name="Beam">Which of the two is restless.</param>
/// <param name="SinceNs">Since when without rest.</param>
/// <param name="UntilNs">When it will have come to rest if nothing more happens; in the past is at rest.</param>
/// <param name="LastNs">The last change of <paramref name="Beam"/> that was taken.</param>
/// <remarks>
/// Each change of the one puts off the rest by a worth, each of the other brings it nearer, so that people, who break both,
/// leave none. A bounce (within 20 ms) is part of its change. It takes raw changes, as a flicker may be faster than the debounce.
/// </remarks>
public readonly record struct Unrest(int Beam, long SinceNs, long UntilNs, long LastNs)
{
    /// <summary>How long until unrest is a flicker: as long as a beam may be blocked. A rest takes at most ten seconds.</summary>
    public const long LongestNs = DoorHealth.PatienceNs;

    private const long MostNs = 10_000_000_000;
    private const long BounceNs = 20_000_000;

    /// <param name="worthNs">One second where a partner balances it; 0.1 s for a line alone, which people too may change.</param>
    public Unrest Step(int beam, long atNs, long worthNs)
    {
        if (atNs >= UntilNs)
        {
            return new Unrest(beam, atNs, atNs + worthNs, atNs);
        }

        if (beam != Beam)
        {
            return UntilNs - worthNs <= atNs ? default : this with { UntilNs = UntilNs - worthNs };
        }

        return atNs - LastNs < BounceNs ? this : this with { UntilNs = Math.Min(UntilNs + worthNs, atNs + MostNs), LastNs = atNs };
    }

    public bool IsFlicker(long nowNs) => nowNs < UntilNs && nowNs - SinceNs >= LongestNs;

    /// <summary>When <see cref="IsFlicker"/> changes next by itself; null when it will not.</summary>
    public long? DueNs(long nowNs) =>
        IsFlicker(nowNs) ? UntilNs : nowNs < UntilNs && UntilNs > SinceNs + LongestNs ? SinceNs + LongestNs : null;
}
