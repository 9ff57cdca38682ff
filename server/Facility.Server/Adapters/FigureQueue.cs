using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>
/// What <see cref="SqliteOccupancyStore"/> keeps of quarter-hour figures: what they are made of, the counts of passages, and the queue to
/// the time series. Counts rise in the same transaction as the follower's cursor, so that no passage counts twice.
/// </summary>
internal static class FigureQueue
{
    public const string Tables = """
        CREATE TABLE IF NOT EXISTS figure_state (site TEXT PRIMARY KEY, state BLOB NOT NULL);
        CREATE TABLE IF NOT EXISTS passage_count (at INTEGER NOT NULL, site TEXT NOT NULL, portal TEXT NOT NULL,
            persons_in INTEGER NOT NULL, persons_out INTEGER NOT NULL, PRIMARY KEY (at, site, portal)) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS figure_queue (id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, at INTEGER NOT NULL,
            zone TEXT, basis TEXT, person_ms INTEGER, known_ms INTEGER, max INTEGER, low INTEGER, high INTEGER,
            portal TEXT, persons_in INTEGER, persons_out INTEGER, levels TEXT);
        """;

    /// <summary>As of changes: a store that is away for years loses the oldest.</summary>
    private const long MaxQueued = 5_000_000;

    public static Dictionary<string, byte[]> States(SqliteConnection db) =>
        db.List("SELECT site, state FROM figure_state", r => (r.GetString(0), (byte[])r[1])).ToDictionary();

    public static void SaveStates(SqliteConnection db, IReadOnlyDictionary<string, byte[]> states)
    {
        using var save = db.Statement("INSERT OR REPLACE INTO figure_state VALUES ($0, $1)", 2);
        foreach (var (site, state) in states)
        {
            save.With(site, state).ExecuteNonQuery();
        }
    }

    /// <summary>Adds passages to their quarters.</summary>
    /// <returns>Those quarters with all that they have now.</returns>
    public static List<PassageFigure> Count(SqliteConnection db, IReadOnlyList<SiteFact> passages)
    {
        using var add = db.Statement(
            """
            INSERT INTO passage_count VALUES ($0, $1, $2, $3, $4)
            ON CONFLICT DO UPDATE SET persons_in = persons_in + $3, persons_out = persons_out + $4 RETURNING persons_in, persons_out
            """,
            5);
        var figures = new List<PassageFigure>();
        foreach (var quarter in passages.Where(p => p.Counted && p.Fact.Kind == DayFactKind.Passage).GroupBy(p => (At: QuarterHour.Floor(p.Fact.At), p.Site, p.Fact.Source)))
        {
            var (at, site, portal) = quarter.Key;
            var persons = quarter.Select(p => p.InIsPositive ? p.Fact.Value : -p.Fact.Value).ToArray();
            add.With(SeriesTime.Milliseconds(at), site, portal, persons.Where(p => p > 0).Sum(), -persons.Where(p => p < 0).Sum());
            figures.AddRange(add.List(r => new PassageFigure(
                site, new PassagePoint(at, portal, SeriesTime.Whole(r.GetInt64(0)), SeriesTime.Whole(r.GetInt64(1))))));
        }

        return figures;
    }

    public static void ForgetCounts(SqliteConnection db, DateTimeOffset from, DateTimeOffset to)
    {
        using var delete = db.Statement("DELETE FROM passage_count WHERE at >= $0 AND at < $1", 2)
            .With(SeriesTime.Milliseconds(from), SeriesTime.Milliseconds(to));
        delete.ExecuteNonQuery();
    }

    public static void Add(SqliteConnection db, SeriesFigures figures)
    {
        if (figures.Count == 0)
        {
            return;
        }

        using var quarter = db.Statement(
            "INSERT INTO figure_queue (site, at, zone, basis, person_ms, known_ms, max, low, high) VALUES ($0, $1, $2, $3, $4, $5, $6, $7, $8)", 9);
        foreach (var (site, zone, basis, sum) in figures.Quarters)
        {
            quarter.With(site, SeriesTime.Milliseconds(sum.At), zone, basis, sum.PersonMs, sum.KnownMs, sum.Max, sum.Low, sum.High).ExecuteNonQuery();
        }

        using var passages = db.Statement("INSERT INTO figure_queue (site, at, portal, persons_in, persons_out) VALUES ($0, $1, $2, $3, $4)", 5);
        foreach (var (site, point) in figures.Passages)
        {
            passages.With(site, SeriesTime.Milliseconds(point.At), point.Portal, point.In, point.Out).ExecuteNonQuery();
        }

        using var levels = db.Statement("INSERT INTO figure_queue (site, at, levels) VALUES ($0, $1, $2)", 3);
        foreach (var (site, block) in figures.Levels)
        {
            levels.With(site, SeriesTime.Milliseconds(block.At), block.Text).ExecuteNonQuery();
        }

        using var bound = db.Statement("DELETE FROM figure_queue WHERE id <= (SELECT max(id) FROM figure_queue) - $0", 1).With(MaxQueued);
        bound.ExecuteNonQuery();
    }

    /// <summary>The oldest queued figures, and the position to confirm once they are shipped.</summary>
    public static (SeriesFigures Figures, long Position) Take(SqliteConnection db, int max)
    {
        var (quarters, passages, levels, last) = (new List<OccupancyFigure>(), new List<PassageFigure>(), new List<SiteLevels>(), 0L);
        using var select = db.Statement("SELECT * FROM figure_queue ORDER BY id LIMIT $0", 1).With(max);
        using var r = select.ExecuteReader();
        while (r.Read())
        {
            last = r.GetInt64(0);
            var (site, at) = (r.GetString(1), DateTimeOffset.FromUnixTimeMilliseconds(r.GetInt64(2)));
            if (!r.IsDBNull(3))
            {
                quarters.Add(new OccupancyFigure(
                    site, r.GetString(3), r.GetString(4), new OccupancySum(at, r.GetInt64(5), r.GetInt64(6), r.GetInt32(7), r.GetInt32(8), r.GetInt32(9))));
            }
            else if (!r.IsDBNull(10))
            {
                passages.Add(new PassageFigure(site, new PassagePoint(at, r.GetString(10), r.GetInt32(11), r.GetInt32(12))));
            }
            else
            {
                levels.Add(new SiteLevels(site, new LevelBlock(at, r.GetString(13))));
            }
        }

        return (new SeriesFigures(quarters, passages, levels), last);
    }

    public static void Shipped(SqliteConnection db, long position)
    {
        using var delete = db.Statement("DELETE FROM figure_queue WHERE id <= $0", 1).With(position);
        delete.ExecuteNonQuery();
    }
}
