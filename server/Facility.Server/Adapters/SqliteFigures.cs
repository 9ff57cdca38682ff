using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>The quarter-hour figures in the embedded store's file. Times are ms since 1970.</summary>
internal static class SqliteFigures
{
    public const string Schema = """
        CREATE TABLE IF NOT EXISTS zone_series (
            id INTEGER PRIMARY KEY, site TEXT NOT NULL, zone TEXT NOT NULL, basis TEXT NOT NULL, UNIQUE (site, zone, basis));
        CREATE TABLE IF NOT EXISTS occupancy_quarter (
            series INTEGER NOT NULL, at INTEGER NOT NULL, person_ms INTEGER NOT NULL, known_ms INTEGER NOT NULL,
            max INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, PRIMARY KEY (series, at)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS passage_quarter (
            site TEXT NOT NULL, at INTEGER NOT NULL, portal TEXT NOT NULL, persons_in INTEGER NOT NULL, persons_out INTEGER NOT NULL,
            PRIMARY KEY (site, at, portal)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS levels (site TEXT NOT NULL, at INTEGER NOT NULL, levels TEXT NOT NULL, PRIMARY KEY (site, at)) WITHOUT ROWID;
        """;

    public static void Insert(SqliteConnection connection, SeriesFigures figures)
    {
        using var name = connection.Statement("INSERT OR IGNORE INTO zone_series (site, zone, basis) VALUES ($0, $1, $2)", 3);
        using var find = connection.Statement("SELECT id FROM zone_series WHERE site = $0 AND zone = $1 AND basis = $2", 3);
        using var quarter = connection.Statement("INSERT OR REPLACE INTO occupancy_quarter VALUES ($0, $1, $2, $3, $4, $5, $6)", 7);
        var ids = new Dictionary<(string, string, string), long>();
        foreach (var (site, zone, basis, sum) in figures.Quarters)
        {
            if (!ids.TryGetValue((site, zone, basis), out var id))
            {
                name.With(site, zone, basis).ExecuteNonQuery();
                ids[(site, zone, basis)] = id = (long)find.With(site, zone, basis).ExecuteScalar()!;
            }

            quarter.With(id, SeriesTime.Milliseconds(sum.At), sum.PersonMs, sum.KnownMs, sum.Max, sum.Low, sum.High).ExecuteNonQuery();
        }

        using var passages = connection.Statement("INSERT OR REPLACE INTO passage_quarter VALUES ($0, $1, $2, $3, $4)", 5);
        foreach (var (site, point) in figures.Passages)
        {
            passages.With(site, SeriesTime.Milliseconds(point.At), point.Portal, point.In, point.Out).ExecuteNonQuery();
        }

        using var levels = connection.Statement("INSERT OR REPLACE INTO levels VALUES ($0, $1, $2)", 3);
        foreach (var (site, block) in figures.Levels)
        {
            levels.With(site, SeriesTime.Milliseconds(block.At), block.Text).ExecuteNonQuery();
        }
    }

    public static FiguredOccupancy? Occupancy(SqliteConnection connection, string site, string zone, string basis, long from, long to, long interval)
    {
        // Quarters one by one need no grouping, which costs as much as the reading.
        var grouped = interval > (long)QuarterHour.Length.TotalMilliseconds;
        using var select = connection.Statement(
            $"""
            SELECT {(grouped ? "min(at), sum(person_ms), sum(known_ms), max(max), min(low), max(high), max(at)" : "at, person_ms, known_ms, max, low, high, at")}
            FROM occupancy_quarter WHERE series = (SELECT id FROM zone_series WHERE site = $0 AND zone = $1 AND basis = $2) AND at >= $3 AND at < $4
            {(grouped ? "GROUP BY (at - $3) / $5" : "")} ORDER BY at
            """,
            6).With(site, zone, basis, from, to, interval);
        var rows = select.List(r => (
            Sum: new OccupancySum(Moment(Start(r.GetInt64(0))), r.GetInt64(1), r.GetInt64(2), r.GetInt32(3), r.GetInt32(4), r.GetInt32(5)),
            First: r.GetInt64(0), Last: r.GetInt64(6)));
        return rows.Count == 0 ? null
            : new FiguredOccupancy(rows.ConvertAll(r => r.Sum), Moment(rows[0].First), Moment(rows[^1].Last) + QuarterHour.Length);

        long Start(long at) => at - ((at - from) % interval);
    }

    public static IReadOnlyList<PassagePoint> Passages(SqliteConnection connection, string site, long from, long to, long interval)
    {
        using var select = connection.Statement(
            """
            SELECT at - ((at % $3) + $3) % $3 AS start, portal, sum(persons_in), sum(persons_out) FROM passage_quarter
            WHERE site = $0 AND at >= $1 AND at < $2 GROUP BY start, portal ORDER BY start, portal
            """,
            4).With(site, from, to, interval);
        return select.List(r => new PassagePoint(Moment(r.GetInt64(0)), r.GetString(1), SeriesTime.Whole(r.GetInt64(2)), SeriesTime.Whole(r.GetInt64(3))));
    }

    public static IReadOnlyList<LevelBlock> Levels(SqliteConnection connection, string site, long from, long to)
    {
        using var select = connection.Statement("SELECT at, levels FROM levels WHERE site = $0 AND at >= $1 AND at < $2 ORDER BY at", 3).With(site, from, to);
        return select.List(r => new LevelBlock(Moment(r.GetInt64(0)), r.GetString(1)));
    }

    public static void Trim(SqliteConnection connection, long before)
    {
        using var delete = connection.Statement(
            """
            DELETE FROM occupancy_quarter WHERE at < $0 AND series IN (SELECT id FROM zone_series);
            DELETE FROM passage_quarter WHERE at < $0 AND site IN (SELECT DISTINCT site FROM zone_series);
            DELETE FROM levels WHERE at < $0 AND site IN (SELECT DISTINCT site FROM zone_series);
            """,
            1).With(before);
        delete.ExecuteNonQuery();
    }

    private static DateTimeOffset Moment(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
}
