using System.Text;
using Facility.Domain.Access;
using Facility.Server.Api.Access;

namespace Facility.Server.Api;

/// <summary>An answer in the form that the client prefers: JSON, or its rows as CSV or Parquet.</summary>
internal static class Negotiated
{
    public const string CsvType = "text/csv";
    public const string ParquetType = "application/vnd.apache.parquet";

    /// <param name="name">Of the file that a download makes, without its ending.</param>
    public static async Task<IResult> OrJsonAsync<TRow, TAnswer>(
        HttpRequest request, TAnswer answer, IReadOnlyList<TRow> rows, Table<TRow> table, string name)
    {
        request.HttpContext.Response.Headers.Vary = "Accept";
        var form = Preferred(request);
        if (form is not null && !MayExport(request.HttpContext, out var person))
        {
            return Problems.Of(StatusCodes.Status403Forbidden, $"this needs the right {AccessTable.NameOf(Right.ExportData)}, which {person.Name} does not have");
        }

        return form switch
        {
            CsvType => TypedResults.Text(Csv.Write(table, rows), CsvType + "; charset=utf-8; header=present", Encoding.UTF8),
            ParquetType => TypedResults.File(await Parquet.WriteAsync(table, rows), ParquetType, name + ".parquet"),
            _ => TypedResults.Ok(answer),
        };
    }

    // What is for everyone anyway is so as a file. Who took what else is in the audit.
    private static bool MayExport(HttpContext context, out CurrentPerson person)
    {
        person = CurrentPerson.Of(context);
        if (context.GetEndpoint()?.Metadata.GetMetadata<Needs>()?.Right is not { } right || right == Right.SeePublicOccupancy)
        {
            return true;
        }

        if (person.May(Right.ExportData))
        {
            context.RequestServices.GetService<Sightings>()?.Saw(person, Right.ExportData, context.Request.Path + context.Request.QueryString);
            return true;
        }

        return false;
    }

    // JSON only where it is liked better: a browser's */* is JSON, since it names none of the others.
    private static string? Preferred(HttpRequest request)
    {
        var accepted = request.GetTypedHeaders().Accept;
        double Quality(string type) => accepted.Where(a => a.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)).Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();
        var best = new[] { CsvType, ParquetType }.MaxBy(Quality)!;
        return Quality(best) > 0 && Quality(best) >= Quality("application/json") ? best : null;
    }
}
