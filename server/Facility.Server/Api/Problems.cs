using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary>Errors as <c>application/problem+json</c> (RFC 9457), whatever the client accepts.</summary>
public static class Problems
{
    public static IResult BadRequest(string detail) => Of(StatusCodes.Status400BadRequest, detail);

    public static IResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, detail);

    public static IResult Of(int status, string detail) => new Result(status, detail);

    public static Task WriteAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        var problem = new ProblemDetails { Status = status, Title = Title(status), Detail = detail };
        return context.Response.WriteAsJsonAsync(problem, options: null, "application/problem+json");
    }

    private static string Title(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);

    private sealed class Result(int status, string detail) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, status, detail);
    }
}
