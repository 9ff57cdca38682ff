using System.Globalization;
using System.Text.Json;
using Facility.Domain.Occupancy;
using Facility.Server.Ports;

namespace Facility.Server.Adapters;

/// <summary>
/// The quarter-hour figures as lines and queries of InfluxDB. Sums are whole numbers, which InfluxDB adds exactly; <c>mean</c> and
/// <c>at</c> stand beside them for who looks with Grafana, and for the first and last quarter of a group.
/// </summary>
internal static class InfluxFigures
{
    public const string Occupancy = "occupancy_quarter";
    public const string Passages = "passage_quarter";
    public const string Levels = "levels";

    public static void Write(Lines lines, in OccupancyFigure figure)
    {
        lines.Text(Occupancy);
        LineProtocol.Tag(lines, ",site=", figure.Site);
        LineProtocol.Tag(lines, ",zone=", figure.Zone);
        LineProtocol.Tag(lines, ",basis=", figure.Basis);
        var (sum, at) = (figure.Sum, SeriesTime.Milliseconds(figure.Sum.At));
        End(lines.Text(string.Create(CultureInfo.InvariantCulture,
            $" person_ms={sum.PersonMs}i,known_ms={sum.KnownMs}i,max={sum.Max}i,low={sum.Low}i,high={sum.High}i,mean={sum.ToPoint().Mean:R},at={at}i")), at);
    }

    public static void Write(Lines lines, in PassageFigure figure)
    {
        lines.Text(Passages);
        LineProtocol.Tag(lines, ",site=", figure.Site);
        LineProtocol.Tag(lines, ",portal=", figure.Quarter.Portal);
        End(lines.Text(" in="u8).Number(figure.Quarter.In).Text("i,out="u8).Number(figure.Quarter.Out).Text("i"u8), SeriesTime.Milliseconds(figure.Quarter.At));
    }

    // Levels are digits and marks, none of which a string of the protocol must escape.
    public static void Write(Lines lines, in SiteLevels levels)
    {
        lines.Text(Levels);
        LineProtocol.Tag(lines, ",site=", levels.Site);
        End(lines.Text(" levels=\""u8).Text(levels.Block.Text).Text("\""u8), SeriesTime.Milliseconds(levels.Block.At));
    }

    private static void End(Lines lines, long at) => lines.Text(" "u8).Number(at).Text("000000"u8).End();

    public static string SelectOccupancy(string site, string zone, string basis, long from, long to, long interval)
    {
        // Quarters one by one need no grouping, which costs InfluxDB several times the reading.
        var grouped = interval > (long)QuarterHour.Length.TotalMilliseconds;
        var fields = grouped
            ? "SUM(person_ms), SUM(known_ms), MAX(\"max\"), MIN(low), MAX(high), MIN(at), MAX(at)"
            : "person_ms, known_ms, \"max\", low, high";
        return $"SELECT {fields} FROM {InfluxPolicies.Kept}.{Occupancy} WHERE site = {LineProtocol.Literal(site)} AND zone = {LineProtocol.Literal(zone)} "
            + $"AND basis = {LineProtocol.Literal(basis)} AND time >= {from}ms AND time < {to}ms"
            + (grouped ? $" GROUP BY time({interval}ms, {((from % interval) + interval) % interval}ms) fill(none)" : "");
    }

    public static FiguredOccupancy? ReadOccupancy(IReadOnlyList<JsonElement> series)
    {
        if (series.Count == 0)
        {
            return null;
        }

        var sums = new List<OccupancySum>();
        var (start, end) = (long.MaxValue, long.MinValue);
        foreach (var row in series[0].GetProperty("values").EnumerateArray())
        {
            sums.Add(new OccupancySum(
                Moment(row[0].GetInt64()), row[1].GetInt64(), row[2].GetInt64(), row[3].GetInt32(), row[4].GetInt32(), row[5].GetInt32()));

            // A quarter by itself is its own first and last.
            var grouped = row.GetArrayLength() > 6;
            (start, end) = (Math.Min(start, row[grouped ? 6 : 0].GetInt64()), Math.Max(end, row[grouped ? 7 : 0].GetInt64()));
        }

        return new FiguredOccupancy(sums, Moment(start), Moment(end) + QuarterHour.Length);
    }

    public static string SelectPassages(string site, long from, long to, long interval) =>
        $"SELECT SUM(\"in\"), SUM(\"out\") FROM {InfluxPolicies.Kept}.{Passages} WHERE site = {LineProtocol.Literal(site)} "
        + $"AND time >= {from}ms AND time < {to}ms GROUP BY time({interval}ms), portal fill(none)";

    public static string SelectLevels(string site, long from, long to) =>
        $"SELECT levels FROM {InfluxPolicies.Kept}.{Levels} WHERE site = {LineProtocol.Literal(site)} AND time >= {from}ms AND time < {to}ms";

    public static IReadOnlyList<LevelBlock> ReadLevels(IReadOnlyList<JsonElement> series) => series.Count == 0 ? []
        : [.. series[0].GetProperty("values").EnumerateArray().Select(row => new LevelBlock(Moment(row[0].GetInt64()), row[1].GetString() ?? ""))];

    private static DateTimeOffset Moment(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
