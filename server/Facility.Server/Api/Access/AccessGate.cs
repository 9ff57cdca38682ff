using Facility.Domain.Access;
using Facility.Server.Ports;

namespace Facility.Server.Api.Access;

/// <summary>
/// Stands between routing and every endpoint: finds out who calls, and lets through who may. Without sign-in 401, without the right
/// 403, and what belongs to another site is not there: 404, as if it did not exist.
/// </summary>
/// <remarks>What people saw of incidents, devices and colleagues, and every change that succeeded, goes into the audit here.</remarks>
internal sealed class AccessGate(Credentials credentials, ApiLimit limit, Sightings sightings, IAudit audit)
{
    public async Task PassAsync(HttpContext context, RequestDelegate next)
    {
        var (person, refusal) = credentials.Of(context);
        if (limit.Take(context, person ?? CurrentPerson.Anonymous(context)) is var wait && wait > TimeSpan.Zero)
        {
            context.Response.Headers.RetryAfter = Seconds(wait);
            await Problems.WriteAsync(context, StatusCodes.Status429TooManyRequests, $"too many requests: wait {Seconds(wait)} s");
            return;
        }

        if (person is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
            await Problems.WriteAsync(context, StatusCodes.Status401Unauthorized, refusal!);
            return;
        }

        context.Features.Set(person);
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            // Nothing is there, or not by this method.
            await next(context);
            return;
        }

        if (NeedsOfEndpoints.Of(endpoint) is not { } needs)
        {
            await Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "who may use this is not known");
            return;
        }

        if (needs.Right is not { } right)
        {
            await next(context);
            return;
        }

        if (await IsRefusedAsync(context, person, needs, right))
        {
            return;
        }

        await next(context);
        Record(context, person, right);
    }

    /// <summary>Whole seconds, as <c>Retry-After</c> has them.</summary>
    public static string Seconds(TimeSpan wait) => ((int)Math.Ceiling(wait.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What is answered where a browser's cookie alone asks for a change.</summary>
    public static IResult WithoutAntiforgery() => Problems.Of(
        StatusCodes.Status403Forbidden, $"a change by a session needs the header {SessionCookie.AntiforgeryHeader} with the antiforgery of GET /v1/session");

    private static async Task<bool> IsRefusedAsync(HttpContext context, CurrentPerson person, Needs needs, Right right)
    {
        if (!person.May(right))
        {
            if (!person.IsSignedIn)
            {
                context.Response.Headers.WWWAuthenticate = "Bearer";
            }

            await Problems.WriteAsync(
                context, person.IsSignedIn ? StatusCodes.Status403Forbidden : StatusCodes.Status401Unauthorized,
                person.IsSignedIn ? $"this needs the right {AccessTable.NameOf(right)}, which {person.Name} does not have" : "sign in, or send a token, to see or do this");
            return true;
        }

        if (person.Key.StartsWith(CurrentPerson.SessionKey, StringComparison.Ordinal) && context.Request.Path.StartsWithSegments("/v1")
            && !HttpMethods.IsGet(context.Request.Method) && !SessionCookie.HasAntiforgery(context.Request))
        {
            await WithoutAntiforgery().ExecuteAsync(context);
            return true;
        }

        var site = needs.SiteOf is { } siteOf ? siteOf(context) : context.GetRouteValue("site") as string;
        if (site is null || person.May(site))
        {
            return false;
        }

        await (needs.Missing?.Invoke(context) ?? SiteEndpoints.Unknown(site)).ExecuteAsync(context);
        return true;
    }

    private void Record(HttpContext context, CurrentPerson person, Right right)
    {
        if (context.Response.StatusCode >= 400)
        {
            return;
        }

        if (!HttpMethods.IsGet(context.Request.Method))
        {
            audit.Record(person.Who, AccessTable.NameOf(right), context.Request.Path, $"{context.Request.Method} {context.Response.StatusCode}");
        }
        else if (right is Right.SeeIncidents or Right.SeeDevices or Right.SeeOnCall or Right.SeeAudit)
        {
            sightings.Saw(person, right, context.Request.Path);
        }
    }
}

/// <summary>Puts what somebody saw into the audit, once an hour: a page that looks every second is one row.</summary>
internal sealed class Sightings(IAudit audit, TimeProvider time)
{
    private const int Most = 10_000;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private readonly Dictionary<(string Who, Right Right, string About), DateTimeOffset> _seen = [];
    private readonly Lock _gate = new();

    public void Saw(CurrentPerson person, Right right, string about)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            if (_seen.TryGetValue((person.Who, right, about), out var last) && now - last < Hour)
            {
                return;
            }

            // Full of what was seen this hour, it begins again: then a row stands there twice.
            if (_seen.Count >= Most)
            {
                _seen.Clear();
            }

            _seen[(person.Who, right, about)] = now;
        }

        audit.Record(person.Who, AccessTable.NameOf(right), about);
    }
}
