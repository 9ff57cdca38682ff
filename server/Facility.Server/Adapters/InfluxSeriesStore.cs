using System.Text.Json;
using System.Text.RegularExpressions;
using Facility.Contracts.Rest;
using Facility.Domain.Occupancy;
using Facility.Server.Ports;

namespace Facility.Server.Adapters;

/// <summary>
/// Time series in InfluxDB. Writes are idempotent because the same series and time is the same point. Batches of at most 5,000 lines,
/// two under way. No answer, a time-out, 401, 429 and 5xx are a <see cref="SeriesUnavailableException"/>: the writer, a cursor in
/// the journal, tries the same again. A 400, 413 or 422 may have stored a part and would come again for ever: the batch is halved until the
/// lines at fault stand alone, and those are set aside. What InfluxDB drops for its retention is counted and is no error.
/// </summary>
public sealed partial class InfluxSeriesStore : ISeriesStore, IDisposable
{
    private const int BatchLines = 5000;
    private readonly InfluxOptions _options;
    private readonly InfluxHttp _http;
    private readonly IUnwritable _unwritable;
    private volatile bool _prepared;
    private long _droppedByRetention;

    /// <exception cref="ArgumentException">A retention of under one hour, which InfluxDB does not have.</exception>
    public InfluxSeriesStore(InfluxOptions options, IUnwritable unwritable)
    {
        if (options.RawRetention < TimeSpan.FromHours(1) || options.FigureRetention < TimeSpan.FromHours(1))
        {
            throw new ArgumentException($"InfluxDB keeps data for at least one hour; {options.RawRetention} or {options.FigureRetention} is less.", nameof(options));
        }

        if (options.Url.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"The address of InfluxDB starts with http:// or https://, not '{options.Url}'.", nameof(options));
        }

        (_options, _unwritable, _http) = (options, unwritable, new InfluxHttp(options));
    }

    /// <summary>Points that InfluxDB dropped since the start because they are older than the retention.</summary>
    public long DroppedByRetention => Interlocked.Read(ref _droppedByRetention);

    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await InfluxPolicies.EnsureAsync(_http, _options, cancellation);
        _prepared = true;
    }

    public async Task WriteAsync(IReadOnlyList<EventPoint> events, IReadOnlyList<OccupancyChange> changes, CancellationToken cancellation)
    {
        await EnsureAsync(cancellation);
        var lines = new Lines();
        (EventPoint, int, int) last = default;
        foreach (var point in events)
        {
            if (LineProtocol.Unsaid(point) is { } unsaid)
            {
                _unwritable.SetAside(point.ToString(), unsaid);
                continue;
            }

            LineProtocol.Write(lines, point, ref last);
        }

        // Of changes in one millisecond the last wins; within one request InfluxDB does not promise that.
        foreach (var change in changes.Reverse().DistinctBy(change => (change.Site, change.Zone, change.Basis, SeriesTime.Milliseconds(change.At))))
        {
            if (LineProtocol.Unsaid(change) is { } unsaid)
            {
                _unwritable.SetAside(change.ToString(), unsaid);
                continue;
            }

            LineProtocol.Write(lines, change);
        }

        await WriteAsync(InfluxPolicies.Raw, lines, cancellation);
    }

    public async Task WriteAsync(SeriesFigures figures, CancellationToken cancellation)
    {
        await EnsureAsync(cancellation);

        // As of changes: of one quarter twice in a request, the last is the one to send.
        var lines = new Lines();
        foreach (var figure in figures.Quarters.Reverse().DistinctBy(f => (f.Site, f.Zone, f.Basis, f.Sum.At)))
        {
            InfluxFigures.Write(lines, figure);
        }

        foreach (var figure in figures.Passages.Reverse().DistinctBy(f => (f.Site, f.Quarter.Portal, f.Quarter.At)))
        {
            InfluxFigures.Write(lines, figure);
        }

        foreach (var figure in figures.Levels.Reverse().DistinctBy(f => (f.Site, f.Block.At)))
        {
            InfluxFigures.Write(lines, figure);
        }

        await WriteAsync(InfluxPolicies.Kept, lines, cancellation);
    }

    public async Task<IReadOnlyList<PassagePoint>> PassageFiguresAsync(
        string site, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation) =>
        Passages(await SelectAsync(InfluxFigures.SelectPassages(site, Ms(from), Ms(to), SeriesTime.Interval(interval)), cancellation));

    public async Task<FiguredOccupancy?> OccupancyFiguresAsync(
        string site, string zone, string basis, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation) =>
        InfluxFigures.ReadOccupancy(await SelectAsync(
            InfluxFigures.SelectOccupancy(site, zone, basis, Ms(from), Ms(to), SeriesTime.Interval(interval)), cancellation));

    public async Task<IReadOnlyList<LevelBlock>> LevelsAsync(string site, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) =>
        InfluxFigures.ReadLevels(await SelectAsync(InfluxFigures.SelectLevels(site, Ms(from), Ms(to)), cancellation));

    public async Task<IReadOnlyList<PassagePoint>> PassagesAsync(
        string site, DateTimeOffset from, DateTimeOffset to, TimeSpan interval, CancellationToken cancellation) =>
        Passages(await SelectAsync(
            $"SELECT SUM(\"in\"), SUM(\"out\") FROM {InfluxPolicies.Raw}.{LineProtocol.Events} WHERE site = {LineProtocol.Literal(site)} "
            + $"AND time >= {Bound(from)} AND time < {Bound(to)} GROUP BY time({SeriesTime.Interval(interval)}ms), portal fill(none)", cancellation));

    private static IReadOnlyList<PassagePoint> Passages(IReadOnlyList<JsonElement> series)
    {
        var points =
            from one in series
            let portal = LineProtocol.Decoded(one.GetProperty("tags").GetProperty("portal").GetString() ?? "")
            from row in one.GetProperty("values").EnumerateArray()
            let point = new PassagePoint(Moment(row[0]), portal, Whole(row[1]), Whole(row[2]))
            where point.In > 0 || point.Out > 0
            select point;
        return [.. points.OrderBy(point => point.At).ThenBy(point => point.Portal, StringComparer.Ordinal)];
    }

    public async Task<IReadOnlyList<OccupancyChange>> OccupancyAsync(
        string site, string zone, string basis, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation)
    {
        var select = $"SELECT estimate, low, high FROM {InfluxPolicies.Raw}.{LineProtocol.Occupancy} WHERE site = {LineProtocol.Literal(site)} "
            + $"AND zone = {LineProtocol.Literal(zone)} AND basis = {LineProtocol.Literal(basis)} ";
        var before = await SelectAsync($"{select} AND time >= {Bound(DateTimeOffset.MinValue)} AND time < {Bound(from)} ORDER BY time DESC LIMIT 1", cancellation);
        var within = await SelectAsync($"{select} AND time >= {Bound(from)} AND time < {Bound(to)}", cancellation);
        return
        [
            .. from one in before.Concat(within)
               from row in one.GetProperty("values").EnumerateArray()
               let change = new OccupancyChange(site, zone, basis, Moment(row[0]), Whole(row[1]), Whole(row[2]), Whole(row[3]))
               where change.At < to
               select change,
        ];
    }

    public void Dispose() => _http.Dispose();

    private async Task EnsureAsync(CancellationToken cancellation)
    {
        if (!_prepared)
        {
            await PrepareAsync(cancellation);
        }
    }

    private async Task WriteAsync(string policy, Lines lines, CancellationToken cancellation)
    {
        try
        {
            // Two at a time: while InfluxDB takes one, the next is packed.
            await Parallel.ForEachAsync(
                Enumerable.Range(0, (lines.Count + BatchLines - 1) / BatchLines),
                new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = cancellation },
                async (batch, token) => await WriteAsync(policy, lines, batch * BatchLines, Math.Min(BatchLines, lines.Count - (batch * BatchLines)), token));
        }
        catch (SeriesUnavailableException)
        {
            // Perhaps someone dropped the database: look again at the next write.
            _prepared = false;
            throw;
        }
    }

    private async Task WriteAsync(string policy, Lines lines, int from, int count, CancellationToken cancellation)
    {
        var reason = await _http.WriteAsync(policy, lines.Some(from, count), cancellation);
        if (reason is null)
        {
            return;
        }

        if (Retention().Match(reason) is { Success: true } dropped)
        {
            // InfluxDB answers this only when all other lines are stored.
            Interlocked.Add(ref _droppedByRetention, long.TryParse(dropped.Groups["count"].Value, out var told) ? told : count);
        }
        else if (count == 1)
        {
            _unwritable.SetAside(lines[from], reason);
        }
        else
        {
            await WriteAsync(policy, lines, from, count / 2, cancellation);
            await WriteAsync(policy, lines, from + (count / 2), count - (count / 2), cancellation);
        }
    }

    private async Task<IReadOnlyList<JsonElement>> SelectAsync(string statement, CancellationToken cancellation)
    {
        await EnsureAsync(cancellation);
        var (series, error, _) = await _http.QueryAsync(statement, cancellation);
        if (error is null)
        {
            return series;
        }

        _prepared = false;
        throw new SeriesUnavailableException($"InfluxDB at {_options.Url} refuses a query: {error}.");
    }

    private static string Bound(DateTimeOffset bound) => $"{Ms(bound)}ms";

    private static long Ms(DateTimeOffset bound) => Math.Clamp(SeriesTime.Bound(bound), LineProtocol.FirstMillisecond, LineProtocol.LastMillisecond);

    private static DateTimeOffset Moment(JsonElement time) => DateTimeOffset.FromUnixTimeMilliseconds(time.GetInt64());

    private static int Whole(JsonElement number) =>
        number.ValueKind is JsonValueKind.Number ? (int)Math.Min(number.GetDouble(), int.MaxValue) : 0;

    /// <summary>As 1.x says it (<c>points beyond retention policy dropped=2</c>) and as later ones do (<c>dropped 2 points outside retention policy</c>).</summary>
    [GeneratedRegex(@"dropped (?<count>\d+) points outside retention policy|beyond retention policy(?: dropped=(?<count>\d+))?")]
    private static partial Regex Retention();
}
