using System.Globalization;
using System.Text;
using Facility.Contracts;

namespace Facility.Server.Api;

/// <summary>CSV of RFC 4180 with a header row; what is not known is an empty field.</summary>
internal static class Csv
{
    public static string Write<TRow>(Table<TRow> table, IEnumerable<TRow> rows)
    {
        var text = new StringBuilder().AppendJoin(',', table.Columns.Select(c => c.Name)).Append("\r\n");
        foreach (var row in rows)
        {
            text.AppendJoin(',', table.Columns.Select(c => Field(c.Value(row)))).Append("\r\n");
        }

        return text.ToString();
    }

    private static string Field(object? value) => value switch
    {
        DateTimeOffset at => Rfc3339.Format(at),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        bool yes => yes ? "true" : "false",
        string text => SafeText.Cell(text),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };
}
