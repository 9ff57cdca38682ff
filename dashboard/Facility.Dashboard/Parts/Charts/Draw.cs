using System.Globalization;

namespace Facility.Dashboard.Parts.Charts;

/// <summary>Numbers of a drawing, and round steps of its axes.</summary>
public static class Draw
{
    /// <summary>A length as SVG writes it, whatever the language of the page.</summary>
    public static string F(double value) => Math.Round(value, 1).ToString(CultureInfo.InvariantCulture);

    /// <summary>The top of an axis that holds a value, and its step: 1, 2 or 5 and noughts, at most five of them.</summary>
    public static (double Top, double Step) Axis(double most)
    {
        if (most <= 0)
        {
            return (1, 1);
        }

        var step = Math.Pow(10, Math.Floor(Math.Log10(most)));
        foreach (var part in new[] { 0.2, 0.5, 1, 2 })
        {
            if (most / (step * part) <= 5)
            {
                step *= part;
                break;
            }
        }

        step = Math.Max(1, step);
        return (Math.Ceiling(most / step) * step, step);
    }

    /// <summary>The points of a line or an area, <c>x,y x,y</c>.</summary>
    public static string Points(IEnumerable<(double X, double Y)> points) => string.Join(' ', points.Select(p => $"{F(p.X)},{F(p.Y)}"));
}
