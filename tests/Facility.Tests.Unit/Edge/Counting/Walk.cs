namespace Facility.Tests.Unit.Edge.Counting;

/// <summary>A stretch of a body that breaks a beam, metres behind its front.</summary>
internal readonly record struct Piece(double From, double To);

/// <summary>
/// A rigid body on its way through a door: where its front is at which time, in seconds, and metres beyond the beam it meets first.
/// </summary>
/// <param name="Direction">+1 comes by the side of beam 0, -1 by that of beam 1.</param>
/// <param name="Passes">Whether it goes through; otherwise it turns back.</param>
internal sealed record Walk(IReadOnlyList<Piece> Pieces, int Direction, bool Passes, IReadOnlyList<(double At, double Front)> Path)
{
    public double Length => Pieces.Max(piece => piece.To);

    public Walk Later(double seconds) => this with { Path = [.. Path.Select(point => (point.At + seconds, point.Front))] };

    /// <summary>When it breaks a beam, which is <paramref name="spacing"/> metres from the other.</summary>
    public IEnumerable<(double From, double To)> Broken(int beam, double spacing)
    {
        var beamAt = (beam == 0) == (Direction > 0) ? 0 : spacing;
        foreach (var piece in Pieces)
        {
            for (var i = 1; i < Path.Count; i++)
            {
                var ((t0, x0), (t1, x1)) = (Path[i - 1], Path[i]);
                var (low, high) = (beamAt + piece.From, beamAt + piece.To);
                if (x0 == x1)
                {
                    if (x0 >= low && x0 <= high)
                    {
                        yield return (t0, t1);
                    }

                    continue;
                }

                var (a, b) = (t0 + (low - x0) / (x1 - x0) * (t1 - t0), t0 + (high - x0) / (x1 - x0) * (t1 - t0));
                var (from, to) = (Math.Max(t0, Math.Min(a, b)), Math.Min(t1, Math.Max(a, b)));
                if (from < to)
                {
                    yield return (from, to);
                }
            }
        }
    }

    /// <summary>Through the door at one speed.</summary>
    public static Walk Through(IReadOnlyList<Piece> pieces, int direction, double speed, double spacing) =>
        Along(pieces, direction, true, speed, [spacing + pieces.Max(piece => piece.To) + 0.3]);

    /// <summary>At one speed to each of some places, and back at the end where it turns back; a place may be stayed at for some seconds.</summary>
    public static Walk Along(IReadOnlyList<Piece> pieces, int direction, bool passes, double speed, double[] places, double staySeconds = 0)
    {
        var path = new List<(double At, double Front)> { (0, -0.3) };
        foreach (var place in passes ? places : [.. places, -0.3])
        {
            var (at, front) = path[^1];
            path.Add((at + Math.Abs(place - front) / speed, place));
            if (staySeconds > 0 && place == places[0])
            {
                path.Add((path[^1].At + staySeconds, place));
            }
        }

        return new Walk(pieces, direction, passes, path);
    }
}

/// <summary>What a door's beams see, with the truth.</summary>
internal sealed class Scene(double spacing)
{
    private readonly List<(double From, double To)>[] _broken = [[], []];

    public double Spacing { get; } = spacing;

    public int Walks { get; private set; }

    public int TrueIn { get; private set; }

    public int TrueOut { get; private set; }

    /// <summary>When the door is clear for good.</summary>
    public double End => _broken.SelectMany(beam => beam).Select(interval => interval.To).DefaultIfEmpty(0).Max();

    /// <summary>A walk at its own times.</summary>
    public Scene With(Walk walk)
    {
        for (var beam = 0; beam < 2; beam++)
        {
            _broken[beam].AddRange(walk.Broken(beam, Spacing));
        }

        Walks++;
        TrueIn += walk.Passes && walk.Direction > 0 ? 1 : 0;
        TrueOut += walk.Passes && walk.Direction < 0 ? 1 : 0;
        return this;
    }

    /// <summary>A walk that first breaks a beam so long after the door was last clear.</summary>
    public Scene Then(double clearSeconds, Walk walk)
    {
        var first = Enumerable.Range(0, 2).SelectMany(beam => walk.Broken(beam, Spacing)).Min(interval => interval.From);
        return With(walk.Later(End + clearSeconds - first));
    }

    /// <summary>Something that is no body breaks a beam.</summary>
    public Scene Break(int beam, double from, double seconds)
    {
        _broken[beam].Add((from, from + seconds));
        return this;
    }

    /// <summary>The edges of both beams in order, in seconds.</summary>
    public List<(double At, int Beam, bool Broken)> Edges()
    {
        var edges = new List<(double At, int Beam, bool Broken)>();
        for (var beam = 0; beam < 2; beam++)
        {
            double? until = null;
            foreach (var (from, to) in _broken[beam].OrderBy(interval => interval.From))
            {
                if (from <= until)
                {
                    until = Math.Max(until.Value, to);
                    continue;
                }

                if (until is { } end)
                {
                    edges.Add((end, beam, false));
                }

                edges.Add((from, beam, true));
                until = to;
            }

            if (until is { } last)
            {
                edges.Add((last, beam, false));
            }
        }

        return [.. edges.OrderBy(edge => edge.At)];
    }
}
