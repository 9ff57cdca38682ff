using System.Globalization;
using System.Text;
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

    public static string Line(in OccupancyFigure figure)
    {
        var line = new StringBuilder(Occupancy, 192);
        LineProtocol.Tag(line, "site", figure.Site);
        LineProtocol.Tag(line, "zone", figure.Zone);
        LineProtocol.Tag(line, "basis", figure.Basis);
        var (sum, at) = (figure.Sum, SeriesTime.Milliseconds(figure.Sum.At));
        return line.Append(CultureInfo.InvariantCulture,
            $" person_ms={sum.PersonMs}i,known_ms={sum.KnownMs}i,max={sum.Max}i,low={sum.Low}i,high={sum.High}i,mean={sum.ToPoint().Mean:R},at={at}i {at}000000").ToString();
    }

    public static string Line(in PassageFigure figure)
    {
        var line = new StringBuilder(Passages, 128);
        LineProtocol.Tag(line, "site", figure.Site);
        LineProtocol.Tag(line, "portal", figure.Quarter.Portal);
        return line.Append(CultureInfo.InvariantCulture,
            $" in={figure.Quarter.In}i,out={figure.Quarter.Out}i {SeriesTime.Milliseconds(figure.Quarter.At)}000000").ToString();
    }

    // Levels are digits and marks, none of which a string of the protocol must escape.
    public static string Line(in SiteLevels levels)
    {
        var line = new StringBuilder(Levels, 512);
        LineProtocol.Tag(line, "site", levels.Site);
        return line.Append(CultureInfo.InvariantCulture, $" levels=\"{levels.Block.Text}\" {SeriesTime.Milliseconds(levels.Block.At)}000000").ToString();
    }

    public static string SelectOccupancy(string site, string zone, string basis, long from, long to, long interval)
    {
        // Quarters one by one need no grouping, which costs InfluxDB several times the reading.
        var grouped = interval > (long)QuarterHour.Length.TotalMilliseconds;
        var fields = grouped
            ? "SUM(person_ms), SUM(known_ms), MAX(\"max\"), MIN(low), MAX(high), MIN(at), MAX(at)"
            : "person_ms, known_ms, \"max\", low, high, at, at";
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
            (start, end) = (Math.Min(start, row[6].GetInt64()), Math.Max(end, row[7].GetInt64()));
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
