using System.Globalization;
using System.Text;
using Facility.Domain.Trends;

namespace Facility.Server.Reports;

/// <summary>Pictures of the report as inline SVG, 720 wide; each has a title that tells it in words.</summary>
internal static class ReportPictures
{
    private const int Width = 720;
    private static readonly CultureInfo Plain = CultureInfo.InvariantCulture;

    /// <summary>Visits a day: bars with their 90% interval as a line; weekends lighter, holidays named.</summary>
    public static string Days(MonthReport report)
    {
        const int top = 14, height = 150, left = 38;
        var points = report.Days.Points.ToDictionary(p => p.From);
        var count = DateTime.DaysInMonth(report.First.Year, report.First.Month);
        var most = Nice(points.Values.Select(p => p.High).DefaultIfEmpty(0).Max());
        var step = (Width - left) / (double)count;
        double Y(double value) => top + height - (value / most * height);
        var svg = Open(top + height + 36, "Bezoeken per dag");
        for (var line = 0; line <= 4; line++)
        {
            var value = most * line / 4;
            svg.Append(Plain, $"<line x1='{left}' x2='{Width}' y1='{Y(value):0.#}' y2='{Y(value):0.#}' class='grid'/>");
            svg.Append(Plain, $"<text x='{left - 6}' y='{Y(value) + 3:0.#}' class='end'>{Dutch.Count(value)}</text>");
        }

        for (var i = 0; i < count; i++)
        {
            var day = report.First.AddDays(i);
            var (x, middle) = (left + (i * step), left + ((i + 0.5) * step));
            var weekend = day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
            var holiday = DayKind.Of(report.Site, day) is { Name: not "ordinary" } kind ? kind.Holiday ?? "gesloten" : null;
            if (points.TryGetValue(day, out var p))
            {
                svg.Append(Plain, $"<rect x='{x + 2:0.#}' width='{step - 4:0.#}' y='{Y(p.Visits):0.#}' height='{top + height - Y(p.Visits):0.#}' rx='2' class='{(weekend ? "pale" : "bar")}'>");
                svg.Append(Plain, $"<title>{Dutch.WeekdayAndDay(day)}: {Dutch.Count(p.Visits)} ({Dutch.Count(p.Low)} tot {Dutch.Count(p.High)})</title></rect>");
                svg.Append(Plain, $"<line x1='{middle:0.#}' x2='{middle:0.#}' y1='{Y(p.Low):0.#}' y2='{Y(p.High):0.#}' class='whisker'/>");
            }

            svg.Append(Plain, $"<text x='{middle:0.#}' y='{top + height + 14}' class='mid'>{day.Day}</text>");
            svg.Append(Plain, $"<text x='{middle:0.#}' y='{top + height + 28}' class='mid faint'>{Dutch.Weekdays[((int)day.DayOfWeek + 6) % 7]}</text>");
            if (holiday is not null)
            {
                svg.Append(Plain, $"<text transform='translate({middle + 3:0.#},{top + height - 6}) rotate(-90)' class='faint'>{Dutch.Safe(holiday)}</text>");
            }
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>Mean persons by weekday and hour as shades with their figure; hours with staff have a frame.</summary>
    public static string Week(MonthReport report)
    {
        const int left = 38, top = 20, row = 24;
        var cells = report.Staffing.Cells;
        var shown = cells.Where(c => c.High >= 0.5 || c.Staffed > 0).Select(c => c.Hour).DefaultIfEmpty(9).ToArray();
        var (first, last) = (shown.Min(), shown.Max());
        var most = Math.Max(1, cells.Select(c => c.Mean).DefaultIfEmpty(0).Max());
        var step = (Width - left) / (double)(last - first + 1);
        var svg = Open(top + (7 * row) + 4, "Gemiddeld aantal aanwezigen per weekdag en uur");
        for (var hour = first; hour <= last; hour++)
        {
            svg.Append(Plain, $"<text x='{left + ((hour - first + 0.5) * step):0.#}' y='12' class='mid'>{hour}</text>");
        }

        for (var day = 0; day < 7; day++)
        {
            svg.Append(Plain, $"<text x='{left - 8}' y='{top + (day * row) + 16}' class='end'>{Dutch.Weekdays[day]}</text>");
        }

        foreach (var c in cells.Where(c => c.Hour >= first && c.Hour <= last).OrderBy(c => c.Staffed))
        {
            var (x, y) = (left + ((c.Hour - first) * step), top + ((c.Weekday - 1) * row));
            var shade = c.Mean / most;
            svg.Append(Plain, $"<rect x='{x + 1:0.#}' y='{y + 1}' width='{step - 2:0.#}' height='{row - 2}' rx='3' fill='#0b5563' fill-opacity='{0.05 + (0.9 * shade):0.##}'");
            svg.Append(c.Staffed > 0.5 ? " stroke='#d97706' stroke-width='1.5'>" : ">");
            svg.Append(Plain, $"<title>{Dutch.Weekdays[c.Weekday - 1]} {c.Hour} uur: {Dutch.Persons(c.Mean)} ({Dutch.Persons(c.Low)} tot {Dutch.Persons(c.High)})</title></rect>");
            svg.Append(Plain, $"<text x='{x + (step / 2):0.#}' y='{y + 16}' class='mid{(shade > 0.5 ? " white" : "")}'>{Dutch.Count(c.Mean)}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    /// <summary>Share of open hours that each room was in use, its interval as a line.</summary>
    public static string Rooms(MonthReport report)
    {
        const int left = 150, right = 130, row = 26;
        var scale = Width - left - right;
        var rooms = report.Site.Zones.Select(z => (Zone: z, Row: report.Use.SingleOrDefault(r => r.Zone == z.Id && r.Part == ZoneUse.WholeDay)))
            .Where(r => r.Row is not null).OrderByDescending(r => r.Row!.InUse).ToArray();
        var svg = Open((rooms.Length * row) + 18, "Deel van de openingstijd dat elke ruimte in gebruik was");
        for (var i = 0; i < rooms.Length; i++)
        {
            var ((zone, use), y) = (rooms[i], i * row);
            svg.Append(Plain, $"<text x='{left - 8}' y='{y + 17}' class='end'>{Dutch.Safe(Short(zone.Name))}</text>");
            svg.Append(Plain, $"<rect x='{left}' y='{y + 5}' width='{scale}' height='{row - 10}' rx='3' class='back'/>");
            svg.Append(Plain, $"<rect x='{left}' y='{y + 5}' width='{use!.InUse * scale:0.#}' height='{row - 10}' rx='3' class='bar'/>");
            svg.Append(Plain, $"<line x1='{left + (use.InUseLow * scale):0.#}' x2='{left + (use.InUseHigh * scale):0.#}' y1='{y + 13}' y2='{y + 13}' class='whisker'/>");
            svg.Append(Plain, $"<text x='{left + scale + 8}' y='{y + 17}'><tspan class='strong'>{Dutch.Percent(use.InUse)}</tspan> <tspan class='faint'>({Dutch.Count(use.InUseLow * 100)} tot {Dutch.Count(use.InUseHigh * 100)}%)</tspan></text>");
        }

        foreach (var share in new[] { 0, 0.5, 1 })
        {
            svg.Append(Plain, $"<text x='{left + (share * scale):0.#}' y='{(rooms.Length * row) + 13}' class='mid faint'>{Dutch.Percent(share)}</text>");
        }

        return svg.Append("</svg>").ToString();
    }

    private static StringBuilder Open(int height, string title) =>
        new StringBuilder().Append(Plain, $"<svg viewBox='0 0 {Width} {height}' role='img' aria-label='{title}'><title>{title}</title>");

    private static string Short(string name) => name.Length > 22 ? name[..21] + "…" : name;

    // Four whole steps that hold the value, and not much more.
    private static double Nice(double value)
    {
        for (var unit = 1.0; ; unit *= 10)
        {
            foreach (var step in new[] { 1, 1.5, 2, 3, 4, 5, 6, 8 })
            {
                if (4 * step * unit >= value && step * unit % 1 == 0)
                {
                    return 4 * step * unit;
                }
            }
        }
    }
}
