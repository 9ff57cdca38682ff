using System.Threading.Channels;
using Facility.Edge.Ports;

namespace Facility.Edge.Adapters;

/// <summary>Pins that a player moves. Its queue is bounded: a player waits for the pipeline, as the pipeline waits for the outbox.</summary>
/// <param name="activeAtStart">Lines, by their number, that are active before anybody plays: what is in its place is so from the start.</param>
internal sealed class SimulatedPins(IReadOnlySet<int>? activeAtStart = null) : IPins
{
    private readonly Channel<PinEdge> _edges = Channel.CreateBounded<PinEdge>(256);
    private readonly Lock _lock = new();
    private bool[] _levels = [];

    public bool Debounces => false;

    /// <summary>None: a player writes an edge before it lets time pass.</summary>
    public TimeSpan Lateness => TimeSpan.Zero;

    public ChannelReader<PinEdge> Edges => _edges.Reader;

    public void Claim(IReadOnlyList<PinLine> lines) =>
        _levels = [.. Enumerable.Range(0, lines.Count).Select(line => activeAtStart?.Contains(line) == true)];

    public bool[] ReadLevels()
    {
        lock (_lock)
        {
            return [.. _levels];
        }
    }

    /// <summary>Moves a line; nothing happens when it has that level already.</summary>
    public ValueTask DriveAsync(int line, bool level, long timestampNs, CancellationToken cancel)
    {
        lock (_lock)
        {
            if (_levels[line] == level)
            {
                return ValueTask.CompletedTask;
            }

            _levels[line] = level;
        }

        return _edges.Writer.WriteAsync(new PinEdge(line, level, timestampNs), cancel);
    }

    public void Dispose() => _edges.Writer.TryComplete();
}
