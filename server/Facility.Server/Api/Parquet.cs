using Parquet.Schema;
using Parquet.Serialization;

namespace Facility.Server.Api;

/// <summary>Apache Parquet, for analysts: typed columns, times as UTC timestamps in ms, days as dates.</summary>
internal static class Parquet
{
    public static async Task<byte[]> WriteAsync<TRow>(Table<TRow> table, IReadOnlyList<TRow> rows)
    {
        var schema = new ParquetSchema(table.Columns.Select(c => FieldOf(c.Name, c.Type)).ToArray<Field>());
        var values = rows.Select(IDictionary<string, object?> (row) => table.Columns.ToDictionary(c => c.Name, c => Plain(c.Value(row)))).ToArray();
        using var file = new MemoryStream();
        await ParquetSerializer.SerializeUntypedAsync(values!, schema, file);
        return file.ToArray();
    }

    private static DataField FieldOf(string name, Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        var nullable = plain != type || !plain.IsValueType;
        return plain == typeof(DateTimeOffset)
            ? new DateTimeDataField(name, DateTimeFormat.Timestamp, isAdjustedToUTC: true, DateTimeTimeUnit.Millis, nullable)
            : new DataField(name, plain, nullable);
    }

    private static object? Plain(object? value) => value is DateTimeOffset at ? at.UtcDateTime : value;
}
