using Facility.Domain.Ingestion;
using Facility.Server.Ports;
using Microsoft.Data.Sqlite;

namespace Facility.Server.Adapters;

/// <summary>Rows of the journal's tables to values.</summary>
internal static class JournalRows
{
    public const string Select = """
        SELECT e.id, e.received, e.site, e.device, e.type, s.stream, e.first, e.last, e.payload, e.setAside
        FROM entries e LEFT JOIN streams s ON s.id = e.stream
        """;

    public const string SelectStreams = "SELECT id, site, device, stream, acknowledged, retired, heard FROM streams";

    public static JournalRow Read(SqliteDataReader r) => new(
        r.GetInt64(0), new DateTimeOffset(r.GetInt64(1), TimeSpan.Zero), r.GetString(2), r.GetString(3), (RowType)r.GetInt32(4),
        r.IsDBNull(5) ? Guid.Empty : Guid.Parse(r.GetString(5)), r.GetInt64(6), r.GetInt64(7),
        r.IsDBNull(8) ? default : (byte[])r.GetValue(8), r.IsDBNull(9) ? default : (byte[])r.GetValue(9));

    public static StreamRow ReadStream(SqliteDataReader r) => new()
    {
        Id = r.GetInt64(0),
        Site = r.GetString(1),
        Device = r.GetString(2),
        Stream = Guid.Parse(r.GetString(3)),
        Acknowledged = r.GetInt64(4),
        Retired = r.GetBoolean(5),
        Heard = new DateTimeOffset(r.GetInt64(6), TimeSpan.Zero),
    };

    public static List<T> List<T>(this SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.List(read);
    }

    public static List<T> List<T>(this SqliteCommand command, Func<SqliteDataReader, T> read)
    {
        using var reader = command.ExecuteReader();
        var all = new List<T>();
        while (reader.Read())
        {
            all.Add(read(reader));
        }

        return all;
    }
}
