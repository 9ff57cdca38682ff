using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>
/// The embedded series store, the default: one SQLite file. A write is one transaction with <c>synchronous=FULL</c>, because
/// over power cuts NORMAL loses what was said to be durable. A point is its primary key: written again it is the same point.
/// </summary>
/// <param name="rawRetention">Events and changes older than this are deleted at writes, some at a time, once an hour until none is left; null keeps all.</param>
/// <param name="figureRetention">The same of quarter-hour figures.</param>
/// <remarks>Safe for use by one writer and many readers. Every error of the file becomes a <see cref="SeriesUnavailableException"/>; the writer tries again.</remarks>
public sealed class SqliteSeriesStore(string path, TimeSpan? rawRetention, TimeProvider? clock = null, TimeSpan? figureRetention = null)
    : ISeriesStore, IStoreSizes, IDisposable
{
    private const string Schema = """
        PRAGMA journal_mode=WAL;
        CREATE TABLE IF NOT EXISTS event (
            stream BLOB NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL, site TEXT NOT NULL, device TEXT NOT NULL, sensor TEXT NOT NULL,
            kind TEXT NOT NULL, value REAL, portal TEXT, persons_in INTEGER NOT NULL, persons_out INTEGER NOT NULL,
            PRIMARY KEY (stream, seq, device, site)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS passage ON event (site, at, portal, persons_in, persons_out) WHERE portal IS NOT NULL;
        CREATE INDEX IF NOT EXISTS event_at ON event (at);
        CREATE TABLE IF NOT EXISTS occupancy (
            site TEXT NOT NULL, zone TEXT NOT NULL, basis TEXT NOT NULL, at INTEGER NOT NULL,
            estimate INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL,
            PRIMARY KEY (site, zone, basis, at)) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS occupancy_at ON occupancy (at);
        """;

    /// <summary>Rows that one write deletes at most: more than it adds, and some milliseconds of work.</summary>
    private const int TrimStep = 10_000;

    private static readonly TimeSpan TrimEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan CountEvery = TimeSpan.FromMinutes(5);
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly string _connectionString = new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 10 }.ToString();
    private readonly Lock _writing = new();
    private DateTimeOffset _trimmed = DateTimeOffset.MinValue;
    private bool _prepared;
    private long? _counted;
    private DateTimeOffset _countedAt;

    public Task PrepareAsync(CancellationToken cancellation) => Use(_ => true, cancellation);

    public Task WriteAsync(IReadOnlyList<EventPoint> events, IReadOnlyList<OccupancyChange> changes, CancellationToken cancellation) =>
        WriteAsync(
            connection =>
            {
                Insert(connection, events);
                Insert(connection, changes);
            },
            cancellation);

    public Task WriteAsync(SeriesFigures figures, CancellationToken cancellation) =>
        WriteAsync(connection => SqliteFigures.Insert(connection, figures), cancellation);

    public Task<IReadOnlyList<PassagePoint>> PassageFiguresAsync(
        string site, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation) =>
        Use(c => SqliteFigures.Passages(c, site, SeriesTime.Bound(from), SeriesTime.Bound(to), SeriesTime.Interval(interval)), cancellation);

    public Task<FiguredOccupancy?> OccupancyFiguresAsync(
        string site, string zone, string basis, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation) =>
        Use(c => SqliteFigures.Occupancy(c, site, zone, basis, SeriesTime.Bound(from), SeriesTime.Bound(to), SeriesTime.Interval(interval)), cancellation);

    public Task<IReadOnlyList<LevelBlock>> LevelsAsync(string site, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        Use(c => SqliteFigures.Levels(c, site, SeriesTime.Bound(from), SeriesTime.Bound(to)), cancellation);

    public IEnumerable<StoreSize> Sizes()
    {
        if (_prepared && (_counted is null || _clock.GetUtcNow() - _countedAt >= CountEvery))
        {
            // Counting a million takes a while: every five minutes is enough to see where it goes.
            _counted = Use(c => (long)Command(c, "SELECT count(*) FROM event").ExecuteScalar()!, CancellationToken.None)
                .ContinueWith(count => count.IsCompletedSuccessfully ? count.Result : (long?)null, TaskScheduler.Default).GetAwaiter().GetResult();
            _countedAt = _clock.GetUtcNow();
        }

        yield return new StoreSize("series", JournalSizes.Bytes(path), _counted);
    }

    public Task<IReadOnlyList<PassagePoint>> PassagesAsync(
        string site, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation)
    {
        var bucket = SeriesTime.Interval(interval);
        return Use<IReadOnlyList<PassagePoint>>(
            connection =>
            {
                using var select = Command(
                    connection,
                    """
                    SELECT at - ((at % $p3) + $p3) % $p3 AS start, portal, SUM(persons_in), SUM(persons_out) FROM event
                    WHERE site = $p0 AND at >= $p1 AND at < $p2 AND portal IS NOT NULL AND persons_in + persons_out > 0 GROUP BY start, portal
                    """,
                    site, SeriesTime.Bound(from), SeriesTime.Bound(to), bucket);
                using var row = select.ExecuteReader();
                var points = new List<PassagePoint>();
                while (row.Read())
                {
                    points.Add(new PassagePoint(Moment(row.GetInt64(0)), row.GetString(1), SeriesTime.Whole(row.GetInt64(2)), SeriesTime.Whole(row.GetInt64(3))));
                }

                return [.. points.OrderBy(point => point.At).ThenBy(point => point.Portal, StringComparer.Ordinal)];
            },
            cancellation);
    }

    public Task<IReadOnlyList<OccupancyChange>> OccupancyAsync(
        string site, string zone, string basis, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        Use<IReadOnlyList<OccupancyChange>>(
            connection =>
            {
                using var select = Command(
                    connection,
                    """
                    SELECT at, estimate, low, high FROM occupancy WHERE site = $p0 AND zone = $p1 AND basis = $p2 AND at < $p4 AND at >= COALESCE(
                        (SELECT MAX(at) FROM occupancy WHERE site = $p0 AND zone = $p1 AND basis = $p2 AND at < $p3), $p3) ORDER BY at
                    """,
                    site, zone, basis, SeriesTime.Bound(from), SeriesTime.Bound(to));
                using var row = select.ExecuteReader();
                var changes = new List<OccupancyChange>();
                while (row.Read())
                {
                    changes.Add(new OccupancyChange(site, zone, basis, Moment(row.GetInt64(0)), row.GetInt32(1), row.GetInt32(2), row.GetInt32(3)));
                }

                return changes;
            },
            cancellation);

    public void Dispose()
    {
        using var connection = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(connection);
    }

    private Task WriteAsync(Action<SqliteConnection> write, CancellationToken cancellation) => Use(
        connection =>
        {
            lock (_writing)
            {
                using var transaction = connection.BeginTransaction(deferred: false);
                write(connection);
                var now = _clock.GetUtcNow();
                var trimmed = now - _trimmed >= TrimEvery && Trim(connection, now);
                transaction.Commit();
                _trimmed = trimmed ? now : _trimmed;
                return true;
            }
        },
        cancellation);

    /// <returns>Whether nothing older is left.</returns>
    private bool Trim(SqliteConnection connection, DateTimeOffset now)
    {
        if (now - figureRetention is { } figuresFrom)
        {
            SqliteFigures.Trim(connection, SeriesTime.Milliseconds(figuresFrom));
        }

        if (now - rawRetention is not { } rawFrom)
        {
            return true;
        }

        var before = SeriesTime.Milliseconds(rawFrom);
        using var events = Command(
            connection,
            $"DELETE FROM event WHERE (stream, seq, device, site) IN (SELECT stream, seq, device, site FROM event WHERE at < $p0 LIMIT {TrimStep})", before);
        using var changes = Command(
            connection,
            $"DELETE FROM occupancy WHERE (site, zone, basis, at) IN (SELECT site, zone, basis, at FROM occupancy WHERE at < $p0 LIMIT {TrimStep})", before);
        return events.ExecuteNonQuery() < TrimStep & changes.ExecuteNonQuery() < TrimStep;
    }

    private static void Insert(SqliteConnection connection, IReadOnlyList<EventPoint> events)
    {
        // A value that is no number (NaN) is kept as null: the event did happen.
        using var insert = Command(
            connection, "INSERT OR REPLACE INTO event VALUES ($p0, $p1, $p2, $p3, $p4, $p5, $p6, $p7, $p8, $p9, $p10)", new object?[11]);
        foreach (var point in events)
        {
            var (personsIn, personsOut) = SeriesTime.Persons(point);
            Fill(insert, point.Stream.ToByteArray(bigEndian: true), point.Seq, SeriesTime.Milliseconds(point.At), point.Site, point.Device,
                point.Sensor, point.Kind, double.IsFinite(point.Value) ? point.Value : null, point.Portal, personsIn, personsOut);
            insert.ExecuteNonQuery();
        }
    }

    private static void Insert(SqliteConnection connection, IReadOnlyList<OccupancyChange> changes)
    {
        using var insert = Command(connection, "INSERT OR REPLACE INTO occupancy VALUES ($p0, $p1, $p2, $p3, $p4, $p5, $p6)", new object?[7]);
        foreach (var change in changes)
        {
            Fill(insert, change.Site, change.Zone, change.Basis, SeriesTime.Milliseconds(change.At), change.Estimate, change.Low, change.High);
            insert.ExecuteNonQuery();
        }
    }

    private static SqliteCommand Command(SqliteConnection connection, string text, params object?[] values)
    {
        var command = connection.CreateCommand();
        command.CommandText = text;
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"$p{i}", values[i] ?? DBNull.Value);
        }

        return command;
    }

    private static void Fill(SqliteCommand command, params ReadOnlySpan<object?> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }

    private static DateTimeOffset Moment(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    /// <summary>Off the caller's thread: SQLite has no asynchronous calls, and an fsync may take a while.</summary>
    private Task<T> Use<T>(Func<SqliteConnection, T> work, CancellationToken cancellation) => Task.Run(
        () =>
        {
            try
            {
                using var connection = new SqliteConnection(_connectionString);
                connection.Open();
                using var setting = Command(connection, "PRAGMA synchronous=FULL");
                setting.ExecuteNonQuery();
                if (!_prepared)
                {
                    using var schema = Command(connection, Schema + SqliteFigures.Schema);
                    schema.ExecuteNonQuery();
                    _prepared = true;
                }

                return work(connection);
            }
            catch (SqliteException e) when (DerivedFiles.IsDamage(e))
            {
                DerivedFiles.Condemn(path);
                throw new SeriesUnavailableException(
                    $"The time series file {path} is damaged: {e.Message}. It is set aside at the server's next start, and made again from what the journal holds.", e);
            }
            catch (SqliteException e)
            {
                throw new SeriesUnavailableException(
                    $"The time series file {path} cannot be used: {e.Message}. Check that its folder exists, is writable and has space.", e);
            }
        },
        cancellation);
}
