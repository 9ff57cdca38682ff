using Facility.Domain.Access;

namespace Facility.Server.Api.Access;

/// <summary>What a caller must have to reach an endpoint. Every endpoint has one; the server does not start where one lacks it.</summary>
/// <param name="Right">Null: open to all, for the reason in <paramref name="Why"/>.</param>
/// <param name="SiteOf">The site of the object that is asked for; null where it does not exist. Without it, that of <c>{site}</c> in the path.</param>
/// <param name="Missing">What an object that does not exist is answered with; of another site too.</param>
public sealed record Needs(Right? Right, string? Why = null, Func<HttpContext, string?>? SiteOf = null, Func<HttpContext, IResult>? Missing = null);

/// <summary>Says at an endpoint who may use it.</summary>
public static class NeedsOfEndpoints
{
    /// <summary>Why the dashboard's own files are open.</summary>
    public const string Pages = "the dashboard's files, and its pages drawn with what their viewer may ask for";

    // What serves the dashboard's files from where a build left them; no convention reaches it.
    private const string FilesOfABuild = "{**path:file}";

    /// <summary>Who may use it: callers with a right, at the site in its path where there is one.</summary>
    public static T Needs<T>(this T endpoint, Right right)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new Needs(right));

    /// <summary>As above, of an object whose site the path does not tell.</summary>
    public static T Needs<T>(this T endpoint, Right right, Func<HttpContext, string?> siteOf, Func<HttpContext, IResult> missing)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new Needs(right, null, siteOf, missing));

    /// <summary>Open to all, whoever they are; the reason stands in the documentation.</summary>
    public static T OpenToAll<T>(this T endpoint, string why)
        where T : IEndpointConventionBuilder => endpoint.WithMetadata(new Needs(null, why));

    /// <summary>The endpoints that say nothing of who may use them.</summary>
    public static IReadOnlyList<string> Unguarded(this IEndpointRouteBuilder app) =>
        [.. app.DataSources.SelectMany(s => s.Endpoints).Where(e => Of(e) is null).Select(e => e.DisplayName ?? "?").Distinct()];

    /// <summary>Null where it says nothing.</summary>
    public static Needs? Of(Endpoint endpoint) => endpoint.Metadata.GetMetadata<Needs>()
        ?? (endpoint is RouteEndpoint { RoutePattern.RawText: FilesOfABuild } ? new Needs(null, Pages) : null);

    /// <exception cref="InvalidOperationException">An endpoint does not say who may use it.</exception>
    public static void RefuseUnguarded(this IEndpointRouteBuilder app)
    {
        if (app.Unguarded() is { Count: > 0 } unguarded)
        {
            throw new InvalidOperationException($"who may use these does not stand at them (Needs or OpenToAll): {string.Join(", ", unguarded)}");
        }
    }
}
