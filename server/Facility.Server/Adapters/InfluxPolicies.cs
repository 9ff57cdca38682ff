using System.Text.Json;
using Facility.Server.Ports;

namespace Facility.Server.Adapters;

/// <summary>
/// The database and its two retention policies: events and changes for as long as is asked, and figures for as long as is asked of them. InfluxDB 1.x makes them when
/// asked in InfluxQL; 2.x and 3.x do not, and a person must.
/// </summary>
internal static class InfluxPolicies
{
    public const string Raw = "facility_raw";
    public const string Kept = "facility_kept";

    public static async Task EnsureAsync(InfluxHttp http, InfluxOptions options, CancellationToken cancellation)
    {
        var database = LineProtocol.Identifier(options.Database);
        var (series, error, version) = await http.QueryAsync($"SHOW RETENTION POLICIES ON {database}", cancellation);
        var present = series.SelectMany(Rows).ToDictionary(row => row.Name, row => (row.Duration, row.Shard));
        var later = version.StartsWith('2') || version.StartsWith('3');
        var missing = new[] { Raw, Kept }.Where(policy => !present.ContainsKey(policy)).ToArray();
        if (later)
        {
            if (missing.Length > 0)
            {
                throw new SeriesUnavailableException(
                    $"InfluxDB {version} at {options.Url} has no {string.Join(" and no ", missing.Select(policy => $"'{options.Database}/{policy}'"))}: "
                    + "make a bucket (2.x) or database (3.x) of that name.");
            }

            return;
        }

        if (error is not null)
        {
            await DoAsync($"CREATE DATABASE {database}");
        }

        await EnsurePolicyAsync(Kept, options.FigureRetention, "");
        await EnsurePolicyAsync(Raw, options.RawRetention, " DEFAULT");

        async Task EnsurePolicyAsync(string policy, TimeSpan? retention, string asDefault)
        {
            if (present.TryGetValue(policy, out var durations) && durations == (GoDuration(retention), GoDuration(Shard(retention))))
            {
                return;
            }

            var verb = present.ContainsKey(policy) ? "ALTER" : "CREATE";
            var replication = present.ContainsKey(policy) ? "" : "REPLICATION 1 ";
            var text = retention is { } span ? $"{(long)span.TotalSeconds}s" : "INF";
            await DoAsync($"{verb} RETENTION POLICY {policy} ON {database} DURATION {text} {replication}SHARD DURATION {(long)Shard(retention).TotalHours}h{asDefault}");
        }

        async Task DoAsync(string statement)
        {
            var (_, refusal, _) = await http.QueryAsync(statement, cancellation);
            if (refusal is not null)
            {
                throw new SeriesUnavailableException($"InfluxDB at {options.Url} refuses {statement}: {refusal}. Check the rights of its user.");
            }
        }
    }

    /// <summary>
    /// As InfluxDB itself chooses, but for what is kept longest, for which it takes a week: a query opens every shard of its range, and of a year
    /// or five that is half of its time. Data goes by whole shards, so it may stay as much longer. A policy that was made otherwise is
    /// changed for the shards to come.
    /// </summary>
    private static TimeSpan Shard(TimeSpan? retention) => retention switch
    {
        { TotalDays: < 2 } => TimeSpan.FromHours(1),
        { TotalDays: <= 180 } => TimeSpan.FromDays(1),
        _ => TimeSpan.FromDays(28),
    };

    /// <summary>As SHOW RETENTION POLICIES writes it: <c>168h0m0s</c>, and <c>0s</c> for ever.</summary>
    private static string GoDuration(TimeSpan? retention) =>
        retention is { } span ? $"{(long)span.TotalHours}h{span.Minutes}m{span.Seconds}s" : "0s";

    private static IEnumerable<(string Name, string Duration, string Shard)> Rows(JsonElement series) => series.TryGetProperty("values", out var rows)
        ? rows.EnumerateArray().Select(row => (row[0].GetString() ?? "", row[1].GetString() ?? "", row.GetArrayLength() > 2 ? row[2].GetString() ?? "" : ""))
        : [];
}
