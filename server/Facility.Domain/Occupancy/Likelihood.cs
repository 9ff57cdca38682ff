namespace Facility.Domain.Occupancy;

/// <summary>How likely evidence is by the number of people that are there.</summary>
internal static class Likelihood
{
    public static float Of(in Step step, int n) => step.Kind switch
    {
        StepKind.Quiet => n == 0 ? 1 : MathF.Exp(-step.A * n / (1 + (n / 3f))),
        // Someone may stay the night, and the last to leave are counted late: a few left over are no great surprise.
        StepKind.Settled => MathF.Exp(-n * step.B),
        // Whoever counts forty heads may be one or two off.
        StepKind.Counted => MathF.Exp(-MathF.Abs(n - step.A) / (0.25f + (0.01f * step.A))),
        _ => 1,
    };
}
