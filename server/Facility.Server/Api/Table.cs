namespace Facility.Server.Api;

/// <summary>A column of an answer that is also a table.</summary>
/// <param name="Type">The type of its values, which may be null where it is nullable.</param>
internal sealed record Column<TRow>(string Name, Type Type, Func<TRow, object?> Value);

/// <summary>What rows of an answer look like in CSV and Parquet: the same names as in JSON, in the same order.</summary>
internal sealed class Table<TRow>
{
    public List<Column<TRow>> Columns { get; } = [];

    public Table<TRow> With<T>(string name, Func<TRow, T> value)
    {
        Columns.Add(new Column<TRow>(name, typeof(T), row => value(row)));
        return this;
    }
}
