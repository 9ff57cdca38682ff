using System.Globalization;
using System.Text.Json;
using Facility.Contracts;
using Facility.Domain.Occupancy;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary><see cref="IOccupancyStore"/> in one SQLite file, usually <c>state.db</c>.</summary>
/// <remarks>
/// It can be made again from the journal, yet is synced fully: a version once published must not come again. The queue
/// to the time series keeps the newest <see cref="MaxQueued"/> changes: a store that is away for months loses the oldest.
/// </remarks>
public sealed class SqliteOccupancyStore : IOccupancyStore, IStoreSizes, IDisposable
{
    private const long MaxQueued = 5_000_000;
    private readonly SqliteConnection _db;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SqliteCommand> _commands = [];
    private Contracts.Places.SitesDocument? _savedSites;
    private readonly string _path;
    private readonly TimeSpan? _figureRetention;

    /// <param name="figureRetention">Counts of passages by quarter are kept so long, so that one that comes late is added to them; null for ever.</param>
    public SqliteOccupancyStore(string path, TimeSpan? figureRetention = null)
    {
        (_path, _figureRetention) = (path, figureRetention);
        _db = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        _db.Open();
        Run("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000;");
        Run("""
            CREATE TABLE IF NOT EXISTS occupancy_checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1), cursor INTEGER NOT NULL,
                clock INTEGER, version_ceiling INTEGER NOT NULL, sites TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS occupancy_snapshot (site TEXT PRIMARY KEY, state BLOB NOT NULL);
            CREATE TABLE IF NOT EXISTS occupancy_change (id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, zone TEXT NOT NULL,
                basis TEXT NOT NULL, at INTEGER NOT NULL, estimate INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS day_fact (site TEXT NOT NULL, day TEXT NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL,
                source TEXT NOT NULL, value INTEGER NOT NULL, received INTEGER NOT NULL);
            CREATE INDEX IF NOT EXISTS day_fact_day ON day_fact (site, day);
            CREATE TABLE IF NOT EXISTS day_due (site TEXT NOT NULL, day TEXT NOT NULL, PRIMARY KEY (site, day)) WITHOUT ROWID;
            """ + FigureQueue.Tables);
    }

    public OccupancyCheckpoint? Load()
    {
        lock (_gate)
        {
            var snapshots = Rows("SELECT site, state FROM occupancy_snapshot", r => (r.GetString(0), (byte[])r[1])).ToDictionary();
            return Rows("SELECT cursor, clock, version_ceiling, sites FROM occupancy_checkpoint", r => new OccupancyCheckpoint(
                r.GetInt64(0), r.IsDBNull(1) ? null : Time(r.GetInt64(1)), r.GetInt64(2),
                JsonSerializer.Deserialize(r.GetString(3), ApiJson.Default.SitesDocument)!, snapshots, FigureQueue.States(_db))).SingleOrDefault();
        }
    }

    public void Save(
        OccupancyCheckpoint checkpoint, IReadOnlyList<OccupancyChange> changes, IReadOnlyList<SiteFact> facts,
        IReadOnlyList<OccupancyFigure> quarters, IReadOnlyList<SiteLevels> levels)
    {
        lock (_gate)
        {
            using var transaction = _db.BeginTransaction();
            var sites = ReferenceEquals(checkpoint.Sites, _savedSites) ? null : JsonSerializer.Serialize(checkpoint.Sites, ApiJson.Default.SitesDocument);
            Run("INSERT OR REPLACE INTO occupancy_checkpoint VALUES (1, $1, $2, $3, ifnull($4, (SELECT sites FROM occupancy_checkpoint)))",
                checkpoint.Cursor, checkpoint.Clock?.UtcTicks, checkpoint.VersionCeiling, sites);
            if (sites is not null)
            {
                Run("DELETE FROM occupancy_snapshot");
            }

            foreach (var (site, state) in checkpoint.Snapshots)
            {
                Run("INSERT OR REPLACE INTO occupancy_snapshot VALUES ($1, $2)", site, state);
            }

            Enqueue(changes);
            FigureQueue.SaveStates(_db, checkpoint.Figures);
            FigureQueue.Add(_db, new SeriesFigures(quarters, FigureQueue.Count(_db, facts), levels));
            foreach (var f in facts)
            {
                Run("INSERT INTO day_fact VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    f.Site, Text(f.Day), f.Fact.At.UtcTicks, (int)f.Fact.Kind, f.Fact.Source, f.Fact.Value, f.Received.UtcTicks);
            }

            foreach (var (site, day) in facts.Select(f => (f.Site, f.Day)).Distinct())
            {
                Run("INSERT OR IGNORE INTO day_due VALUES ($1, $2)", site, Text(day));
            }

            transaction.Commit();
            _savedSites = checkpoint.Sites;
        }
    }

    public IReadOnlyList<(string Site, DateOnly Day)> DueDays()
    {
        lock (_gate)
        {
            return Rows("SELECT site, day FROM day_due ORDER BY day, site", r => (r.GetString(0), DateOnly.Parse(r.GetString(1), CultureInfo.InvariantCulture)));
        }
    }

    public IReadOnlyList<DayFact> FactsOf(string site, DateOnly day)
    {
        lock (_gate)
        {
            return Rows("SELECT at, source, value, kind FROM day_fact WHERE site = $1 AND day = $2 ORDER BY at, rowid",
                r => new DayFact(Time(r.GetInt64(0)), r.GetString(1), r.GetInt32(2), (DayFactKind)r.GetInt32(3)), site, Text(day));
        }
    }

    public void Reconciled(string site, DateOnly day, IReadOnlyList<OccupancyFigure> quarters)
    {
        lock (_gate)
        {
            using var transaction = _db.BeginTransaction();
            FigureQueue.Add(_db, SeriesFigures.None with { Quarters = quarters });
            Run("DELETE FROM day_due WHERE site = $1 AND day = $2", site, Text(day));
            transaction.Commit();
        }
    }

    public void ForgetCounts(DateTimeOffset since)
    {
        lock (_gate)
        {
            FigureQueue.ForgetCounts(_db, since, DateTimeOffset.MaxValue);

            // The journal tells these again, too: left here, everybody would be twice in hindsight.
            Run("DELETE FROM day_fact WHERE at >= $1", since.UtcTicks);
            Run("DELETE FROM day_due");
        }
    }

    public (SeriesFigures Figures, long Position) QueuedFigures(int max)
    {
        lock (_gate)
        {
            return FigureQueue.Take(_db, max);
        }
    }

    public void FiguresShipped(long position)
    {
        lock (_gate)
        {
            FigureQueue.Shipped(_db, position);
        }
    }

    public IEnumerable<StoreSize> Sizes()
    {
        lock (_gate)
        {
            return
            [
                new StoreSize("occupancy", JournalSizes.Bytes(_path), null),
                new StoreSize("waiting-for-series", 0, Rows(
                    "SELECT ifnull((SELECT max(id) - min(id) + 1 FROM occupancy_change), 0) + ifnull((SELECT max(id) - min(id) + 1 FROM figure_queue), 0)",
                    r => r.GetInt64(0)).Single()),
            ];
        }
    }

    public void Forget(DateTimeOffset before, DateTimeOffset now)
    {
        lock (_gate)
        {
            Run("""
                DELETE FROM day_fact WHERE (site, day) IN (SELECT site, day FROM day_fact GROUP BY site, day HAVING MAX(received) < $1)
                AND (site, day) NOT IN (SELECT site, day FROM day_due)
                """, before.UtcTicks);
            if (now - _figureRetention is { } counted)
            {
                FigureQueue.ForgetCounts(_db, DateTimeOffset.MinValue, counted);
            }
        }
    }

    public (IReadOnlyList<OccupancyChange> Changes, long Position) Queued(int max)
    {
        lock (_gate)
        {
            var rows = Rows("SELECT id, site, zone, basis, at, estimate, low, high FROM occupancy_change ORDER BY id LIMIT $1", r => (r.GetInt64(0),
                new OccupancyChange(r.GetString(1), r.GetString(2), r.GetString(3), Time(r.GetInt64(4)), r.GetInt32(5), r.GetInt32(6), r.GetInt32(7))), max);
            return ([.. rows.Select(r => r.Item2)], rows.Count == 0 ? 0 : rows[^1].Item1);
        }
    }

    public void Shipped(long position)
    {
        lock (_gate)
        {
            Run("DELETE FROM occupancy_change WHERE id <= $1", position);
        }
    }

    public void Dispose() => _db.Dispose();

    private void Enqueue(IReadOnlyList<OccupancyChange> changes)
    {
        foreach (var c in changes)
        {
            Run("INSERT INTO occupancy_change (site, zone, basis, at, estimate, low, high) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                c.Site, c.Zone, c.Basis, c.At.UtcTicks, c.Estimate, c.Low, c.High);
        }

        if (changes.Count > 0)
        {
            Run("DELETE FROM occupancy_change WHERE id <= (SELECT MAX(id) FROM occupancy_change) - $1", MaxQueued);
        }
    }

    private void Run(string sql, params object?[] values)
    {
        Command(sql, values).ExecuteNonQuery();
    }

    private List<T> Rows<T>(string sql, Func<SqliteDataReader, T> read, params object?[] values)
    {
        using var reader = Command(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read())
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    // All SQL is constant text of this file, each compiled once; values are parameters.
#pragma warning disable CA2100
    private SqliteCommand Command(string sql, object?[] values)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            _commands[sql] = command = _db.CreateCommand();
            command.CommandText = sql;
            for (var i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter { ParameterName = $"${i + 1}" });
            }
        }

        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        // A new command knows the transaction that is open.
        using var current = _db.CreateCommand();
        command.Transaction = current.Transaction;
        return command;
    }
#pragma warning restore CA2100

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(long ticks) => new(ticks, TimeSpan.Zero);
}
