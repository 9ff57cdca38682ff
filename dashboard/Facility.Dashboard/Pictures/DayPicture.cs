using System.Globalization;
using System.Text;

namespace Facility.Dashboard.Pictures;

/// <summary>Paths of a day's curves in a box of <see cref="Width"/> by <see cref="Height"/> that is stretched to the place it has.</summary>
/// <param name="From">The hour at the left.</param>
/// <param name="To">The hour at the right.</param>
/// <param name="Top">Persons at the top.</param>
public sealed record DayPicture(double From, double To, double Top)
{
    public const double Width = 1000;
    public const double Height = 100;

    /// <summary>A top that leaves room and is a number one can read.</summary>
    public static double NiceTop(double most)
    {
        foreach (var top in (double[])[5, 10, 20, 30, 40, 60, 80, 100, 150, 200, 250, 300, 400, 500, 750])
        {
            if (most <= top)
            {
                return top;
            }
        }

        return Math.Ceiling(most / 500) * 500;
    }

    public string X(double hour) => Number((hour - From) / (To - From) * Width);

    public string Y(double persons) => Number(Height - (Math.Clamp(persons / Top, 0, 1) * Height));

    /// <summary>A line through what is known; it is broken where nothing is.</summary>
    public string Line(IEnumerable<(double Hour, double? Persons)> points)
    {
        var path = new StringBuilder();
        var drawing = false;
        foreach (var (hour, persons) in points.Where(point => point.Hour >= From && point.Hour <= To))
        {
            if (persons is { } known)
            {
                path.Append(drawing ? 'L' : 'M').Append(X(hour)).Append(' ').Append(Y(known));
            }

            drawing = persons is not null;
        }

        return path.ToString();
    }

    /// <summary>The area between low and high.</summary>
    public string Band(IEnumerable<(double Hour, double Low, double High)> points)
    {
        var inside = points.Where(point => point.Hour >= From && point.Hour <= To).ToList();
        return inside.Count < 2 ? ""
            : "M" + string.Join('L', inside.Select(p => $"{X(p.Hour)} {Y(p.High)}").Concat(Enumerable.Reverse(inside).Select(p => $"{X(p.Hour)} {Y(p.Low)}"))) + "Z";
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
