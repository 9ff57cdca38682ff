namespace Facility.Tests.Chip;

/// <summary>A body in a door with two beams: when it breaks and clears them.</summary>
/// <param name="Passage">+1 through the first beam and then the second, -1 the other way, 0 when it turns back.</param>
/// <param name="Beams">Milliseconds since it came, beam, broken.</param>
internal sealed record Walk(string Name, int Passage, IReadOnlyList<(double AtMs, int Beam, bool Broken)> Beams)
{
    private const double BodyMetres = 0.25;
    private const double BeamsApartMetres = 0.05;

    /// <summary>Both ways at every speed, and back at every phase.</summary>
    public static IReadOnlyList<Walk> All { get; } =
    [
        .. from speed in (double[])[0.3, 0.7, 1.2, 2, 3] from direction in (int[])[1, -1] select Through(speed, direction),
        .. from phase in (int[])[1, 2, 3] from side in (int[])[0, 1] select Back(phase, side),
    ];

    public double EndMs => Beams[^1].AtMs;

    private static Walk Through(double speed, int direction)
    {
        var (near, far) = direction > 0 ? (0, 1) : (1, 0);
        double Ms(double metres) => metres / speed * 1000;
        return new Walk(
            $"{speed} m/s {direction:+0;-0}", direction,
            [(0, near, true), (Ms(BeamsApartMetres), far, true), (Ms(BodyMetres), near, false), (Ms(BodyMetres + BeamsApartMetres), far, false)]);
    }

    // In the first phase only the near beam is broken; in the second both are; in the third only the far one still is.
    private static Walk Back(int phase, int near)
    {
        (int, bool)[] steps = phase switch
        {
            1 => [(near, true), (near, false)],
            2 => [(near, true), (1 - near, true), (1 - near, false), (near, false)],
            _ => [(near, true), (1 - near, true), (near, false), (near, true), (1 - near, false), (near, false)],
        };
        return new Walk($"back in phase {phase} from {near}", 0, [.. steps.Select((step, i) => (i * 60.0, step.Item1, step.Item2))]);
    }
}
