using Facility.Edge.Ports;

namespace Facility.Edge.Configuration;

/// <summary>What a counter of passages is made of.</summary>
internal enum Counter
{
    /// <summary>Two beams, the first on the side of the portal's first zone: they tell which way.</summary>
    TwoBeams,

    /// <summary>A counter that does its own counting: one line gives a pulse for each person into the second zone, the other for each into the first.</summary>
    Pulses,

    /// <summary>One beam: someone crossed, and which way is not known.</summary>
    OneBeam,
}

/// <summary>A sensor as configured: a temperature has a file, the others have lines.</summary>
internal sealed record SensorConfig(string Id, string Kind)
{
    /// <summary>In the order of the file; a line's period of debounce, pull and active level are its own.</summary>
    public IReadOnlyList<PinLine> Lines { get; init; } = [];

    /// <summary>The pins of <see cref="Lines"/>.</summary>
    public IEnumerable<int> Pins => Lines.Select(line => line.Pin);

    public Counter Counter { get; init; }

    /// <summary>How long after the last movement a presence ends.</summary>
    public TimeSpan Hold { get; init; }

    /// <summary>How long a presence output may stay active without a change before it counts as stuck; null is for ever.</summary>
    public TimeSpan? Stuck { get; init; }

    /// <summary>How long a press must last to cancel a call; null when the button has no call to keep and simply tells pressed and released.</summary>
    public TimeSpan? Cancel { get; init; }

    public string? File { get; init; }

    public double Deadband { get; init; }

    public TimeSpan MaxInterval { get; init; }
}
