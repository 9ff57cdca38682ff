using System.Threading.Channels;

namespace Facility.Edge.Ports;

public enum Pull
{
    None,
    Up,
    Down,
}

/// <summary>A line to claim.</summary>
/// <param name="Pin">Its offset on the chip (on a Raspberry Pi: the GPIO or BCM number).</param>
/// <param name="ActiveLow">The level is true at a low voltage.</param>
public sealed record PinLine(int Pin, Pull Pull, bool ActiveLow, TimeSpan Debounce);

/// <summary>A line changed.</summary>
/// <param name="Line">Its place in the list that was claimed.</param>
/// <param name="Level">The logical level after the change: true is active.</param>
/// <param name="TimestampNs">When, on the monotonic clock.</param>
/// <param name="LostBefore">Edges were lost between the one before and this one; null when none were.</param>
public readonly record struct PinEdge(int Line, bool Level, long TimestampNs, PinLoss? LostBefore = null);

/// <summary>Edges that were lost, as a queue was full.</summary>
/// <param name="Edges">How many, of all lines.</param>
/// <param name="Levels">The logical level of each line after them.</param>
public sealed record PinLoss(long Edges, bool[] Levels);

/// <summary>Input pins. All lines give one ordered stream of edges.</summary>
public interface IPins : IDisposable
{
    /// <summary>Whether the lines are debounced before they come here.</summary>
    bool Debounces { get; }

    /// <summary>How long after its time an edge may come here: what is decided by the clock waits for it. A busy machine takes tens of milliseconds.</summary>
    TimeSpan Lateness => TimeSpan.FromMilliseconds(50);

    /// <summary>Claims the lines, once.</summary>
    /// <exception cref="PinsException">The chip or a line cannot be had; the message says which and why.</exception>
    void Claim(IReadOnlyList<PinLine> lines);

    /// <summary>The present logical level of each line.</summary>
    bool[] ReadLevels();

    /// <summary>Bounded; a producer that finds it full waits or reports <see cref="PinEdge.LostBefore"/>.</summary>
    ChannelReader<PinEdge> Edges { get; }
}

/// <summary>A message for a person, about the chip or a line.</summary>
public sealed class PinsException(string message, Exception? inner = null) : Exception(message, inner);
