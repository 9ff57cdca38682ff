using System.Globalization;
using System.Text.Json;
using Facility.Contracts.Mqtt;
using Facility.Domain.Ingestion;
using Facility.Server.Adapters;
using Microsoft.Data.Sqlite;

namespace Facility.Tests.Integration.Faults;

/// <summary>An event as a store has it.</summary>
/// <param name="At">Milliseconds since 1970.</param>
internal readonly record struct StoredEvent(string Site, Guid Stream, long Seq, long At, string Sensor, string Kind, double Value);

/// <summary>All events that journal and time series hold, read past the server.</summary>
internal static class Stored
{
    /// <summary>Of the journal of a stopped server: its events, and how many it states as lost or has set aside.</summary>
    public static (List<StoredEvent> Events, long Lost, long SetAside) Journal(string data)
    {
        var (events, lost, aside) = (new List<StoredEvent>(), 0L, 0L);
        foreach (var entry in Entries(data))
        {
            if (entry.Fact is StreamGap gap)
            {
                lost += gap.To - gap.From + 1;
            }
            else if (entry.Fact is EventsJournaled batch)
            {
                aside += batch.Events.Count(e => e.SetAside != SetAside.None);
                events.AddRange(batch.Events.Select(e => new StoredEvent(entry.Site, batch.Stream, e.Seq, e.At.ToUnixTimeMilliseconds(), e.Sensor, e.Kind, e.Value)));
            }
        }

        return (events, lost, aside);
    }

    /// <summary>Of the journal of a stopped server.</summary>
    public static IEnumerable<JournalEntry> Entries(string data)
    {
        using var journal = new SqliteJournal(Path.Combine(data, "journal.db"), TimeProvider.System);
        for (long after = 0; journal.Read(after, 20_000) is { Count: > 0 } entries; after = entries[^1].Id)
        {
            foreach (var entry in entries)
            {
                yield return entry;
            }
        }
    }

    /// <summary>Of the embedded store.</summary>
    public static List<StoredEvent> Embedded(string data)
    {
        var events = new List<StoredEvent>();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path.Combine(data, "series.db"), Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT site, stream, seq, at, sensor, kind, value FROM event";
        using var r = command.ExecuteReader();
        while (r.Read())
        {
            events.Add(new StoredEvent(r.GetString(0), new Guid((byte[])r.GetValue(1), bigEndian: true), r.GetInt64(2), r.GetInt64(3), r.GetString(4), r.GetString(5), r.GetDouble(6)));
        }

        return events;
    }

    /// <summary>Of InfluxDB. The number is in the nanoseconds of a point's time, which no stream here has a million of.</summary>
    public static async Task<List<StoredEvent>> InfluxAsync(Uri url, IEnumerable<string> sites)
    {
        using var http = new HttpClient { BaseAddress = url, Timeout = TimeSpan.FromMinutes(5) };
        var events = new List<StoredEvent>();
        foreach (var site in sites)
        {
            using var form = new FormUrlEncodedContent([new("q", $"SELECT value, stream, sensor, kind FROM facility_raw.event WHERE site = '{site}'")]);
            using var answer = await http.PostAsync(new Uri("query?db=facility&epoch=ns", UriKind.Relative), form);
            answer.EnsureSuccessStatusCode();
            using var document = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync());
            if (document.RootElement.GetProperty("results")[0].TryGetProperty("series", out var series))
            {
                foreach (var row in series[0].GetProperty("values").EnumerateArray())
                {
                    var time = row[0].GetInt64();
                    events.Add(new StoredEvent(
                        site, Guid.Parse(row[2].GetString()!, CultureInfo.InvariantCulture), ((time % 1_000_000) + 1_000_000) % 1_000_000, (time - (((time % 1_000_000) + 1_000_000) % 1_000_000)) / 1_000_000,
                        row[3].GetString()!, row[4].GetString()!, row[1].GetDouble()));
                }
            }
        }

        return events;
    }
}
