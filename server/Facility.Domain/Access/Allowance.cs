namespace Facility.Domain.Access;

/// <summary>How many times somebody may do a thing: so many at once, and then at a steady rate (a token bucket).</summary>
/// <param name="Burst">How many at once after a pause.</param>
/// <param name="Per">How long until one more is allowed.</param>
public readonly record struct Rate(int Burst, TimeSpan Per);

/// <summary>What is left of a <see cref="Rate"/> for one caller.</summary>
/// <param name="Left">At the time of <paramref name="At"/>; may be a fraction.</param>
public readonly record struct Allowance(double Left, DateTimeOffset At)
{
    public static Allowance Full(Rate rate, DateTimeOffset now) => new(rate.Burst, now);

    /// <summary>Takes one where there is one; else says how long to wait for it. A clock that is set back gives nothing and takes nothing.</summary>
    public (Allowance Next, TimeSpan Wait) Take(Rate rate, DateTimeOffset now)
    {
        var left = Grown(rate, now);
        return left >= 1 ? (new Allowance(left - 1, now), TimeSpan.Zero) : (new Allowance(left, now), (1 - left) * rate.Per);
    }

    /// <summary>Gives back one that was taken for nothing.</summary>
    public Allowance Back(Rate rate) => this with { Left = Math.Min(rate.Burst, Left + 1) };

    /// <summary>Whether nothing is known of this caller any more that a new one would not have.</summary>
    public bool IsFull(Rate rate, DateTimeOffset now) => Grown(rate, now) >= rate.Burst;

    private double Grown(Rate rate, DateTimeOffset now) => Math.Min(rate.Burst, Left + (now > At ? (now - At) / rate.Per : 0));
}
