using System.Globalization;
using System.Text;
using Facility.Contracts;

namespace Facility.Server.Api;

/// <summary>CSV of RFC 4180 with a header row, for those who accept <c>text/csv</c>.</summary>
public static class Csv
{
    private const string MediaType = "text/csv";

    /// <summary>The rows as CSV where the client prefers it, else the answer as JSON.</summary>
    public static IResult OrJson<TRow, TAnswer>(
        HttpRequest request, TAnswer answer, IEnumerable<TRow> rows, string header, Func<TRow, object[]> fields) =>
        Wanted(request)
            ? TypedResults.Text(Write(header, rows.Select(fields)), MediaType + "; charset=utf-8; header=present", Encoding.UTF8)
            : TypedResults.Ok(answer);

    public static string Write(string header, IEnumerable<object[]> rows)
    {
        var text = new StringBuilder(header).Append("\r\n");
        foreach (var row in rows)
        {
            text.AppendJoin(',', row.Select(Field)).Append("\r\n");
        }

        return text.ToString();
    }

    private static string Field(object value) => value switch
    {
        DateTimeOffset at => Rfc3339.Format(at),
        string text => Quote(Harmless(text)),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
    };

    // A spreadsheet takes a text that starts so for a formula, and runs it.
    private static string Harmless(string text) => text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) ? "'" + text : text;

    private static string Quote(string text) =>
        text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";

    private static bool Wanted(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        double Quality(string type) => accepted.Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
        var csv = Quality(MediaType);
        return csv > 0 && csv >= Quality("application/json");
    }
}
