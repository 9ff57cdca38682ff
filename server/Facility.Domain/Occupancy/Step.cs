namespace Facility.Domain.Occupancy;

/// <summary>What a piece of evidence does to the probability of each head count; the filter takes it forward, the smoother back.</summary>
internal enum StepKind
{
    /// <summary>One person counted into the zone.</summary>
    In,

    /// <summary>One person counted out of it.</summary>
    Out,

    /// <summary>Nothing happened that people make happen: n of them keep still with probability exp(-A g(n)), g(n) = n / (1 + n/3).</summary>
    Quiet,

    /// <summary>A share A of the probability goes to an empty zone: whoever was there left unseen.</summary>
    Emptied,

    /// <summary>Someone is there: an empty zone is A times as likely; a share B of what is left of it becomes one person who came unseen.</summary>
    Seen,

    /// <summary>A person counted A heads.</summary>
    Counted,

    /// <summary>The night: n of them are exp(-B n) as likely to be left as nobody, and with probability A nobody is.</summary>
    Settled,
}

/// <param name="A">See <see cref="StepKind"/>.</param>
/// <param name="B">See <see cref="StepKind"/>.</param>
internal readonly record struct Step(StepKind Kind, float A = 0, float B = 0);
