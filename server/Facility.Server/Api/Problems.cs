using Facility.Contracts.Rest;
using Microsoft.AspNetCore.Mvc;

namespace Facility.Server.Api;

/// <summary>Errors as <c>application/problem+json</c> (RFC 9457), whatever the client accepts.</summary>
public static class Problems
{
    public static IResult BadRequest(string detail) => Of(StatusCodes.Status400BadRequest, detail);

    public static IResult NotFound(string detail) => Of(StatusCodes.Status404NotFound, detail);

    public static IResult Of(int status, string detail) => new Result(status, detail);

    /// <summary>A document that cannot be saved, with all that is wrong in it as <c>problems</c>.</summary>
    public static IResult Of(IReadOnlyList<ConfigurationProblem> problems) =>
        new Result(StatusCodes.Status400BadRequest, $"the document has {problems.Count} problems; the first is {problems[0]}", problems);

    public static Task WriteAsync(HttpContext context, int status, string detail, IReadOnlyList<ConfigurationProblem>? problems = null)
    {
        context.Response.StatusCode = status;
        var problem = new ProblemDetails { Status = status, Title = Title(status), Detail = detail };
        if (problems is not null)
        {
            problem.Extensions["problems"] = problems.ToArray();
        }

        return context.Response.WriteAsJsonAsync(problem, options: null, "application/problem+json");
    }

    private static string Title(int status) => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status);

    private sealed class Result(int status, string detail, IReadOnlyList<ConfigurationProblem>? problems = null) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, status, detail, problems);
    }
}
