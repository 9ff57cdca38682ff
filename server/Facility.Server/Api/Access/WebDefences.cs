using System.Globalization;
using Facility.Domain.Access;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using IPNetwork = System.Net.IPNetwork;

namespace Facility.Server.Api.Access;

/// <summary>How the server stands in a hostile web.</summary>
/// <param name="Origins">Other origins whose pages may open the live hub, such as <c>https://intranet.example.org</c>.</param>
/// <param name="TrustedProxies">Addresses or networks (CIDR) whose X-Forwarded headers are believed; of others they are ignored.</param>
/// <param name="Contact">Where trouble is told, for security.txt; null for none.</param>
/// <param name="Rate">Requests of the API per second of one caller, and ten times as many at once; null for no limit.</param>
public sealed record WebOptions(IReadOnlyCollection<string> Origins, IReadOnlyCollection<IPNetwork> TrustedProxies, Uri? Contact, int? Rate)
{
    public static WebOptions Standard { get; } = new([], [], null, 200);
}

/// <summary>Headers that browsers defend people by, limits on what a request may cost, and whom to believe about where it came from.</summary>
internal static class WebDefences
{
    /// <summary>Scripts and styles of this server alone; WebAssembly is compiled, which is its own permission. Pictures may be made by the page.</summary>
    public const string Policy =
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; "
        + "manifest-src 'self'; worker-src 'self'; media-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'; object-src 'none'";

    private const int MostBody = 2 * 1024 * 1024;

    public static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = MostBody;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 60;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
    }

    /// <summary>First of all: what follows sees the caller's own address and scheme.</summary>
    public static void UseTrustedProxies(this IApplicationBuilder app, WebOptions options)
    {
        if (options.TrustedProxies.Count > 0)
        {
            var forwarded = new ForwardedHeadersOptions
            {
                ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
                ForwardLimit = null,
            };
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (var network in options.TrustedProxies)
            {
                forwarded.KnownIPNetworks.Add(network);
            }

            app.UseForwardedHeaders(forwarded);
        }
    }

    /// <summary>On every answer; a page with a policy of its own keeps it.</summary>
    public static Task AddHeaders(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(() =>
        {
            var headers = context.Response.Headers;
            if (headers.ContentSecurityPolicy.Count == 0)
            {
                headers.ContentSecurityPolicy = Policy;
            }

            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()";
            if (context.Request.IsHttps)
            {
                headers.StrictTransportSecurity = "max-age=63072000; includeSubDomains";
            }

            if (context.Request.Path.StartsWithSegments("/v1") && headers.CacheControl.Count == 0)
            {
                headers.CacheControl = "no-store";
            }

            return Task.CompletedTask;
        });
        return next(context);
    }

    /// <summary>RFC 9116; 404 where nobody was named.</summary>
    public static void MapSecurityText(this IEndpointRouteBuilder app, WebOptions options) =>
        app.MapGet("/.well-known/security.txt", (TimeProvider time) => options.Contact is not { } contact
                ? Problems.NotFound("nobody was named to tell of trouble: start the server with --security-contact")
                : TypedResults.Text(string.Create(
                    CultureInfo.InvariantCulture, $"Contact: {contact}\nExpires: {time.GetUtcNow().AddDays(180):yyyy-MM-dd'T'HH:mm:ss'Z'}\nPreferred-Languages: nl, en\n")))
            .OpenToAll("tells whom to tell of trouble (RFC 9116)").ExcludeFromDescription();
}

/// <summary>How many requests of the API one caller may make: a token, a session, or an address without either.</summary>
internal sealed class ApiLimit(TimeProvider time, WebOptions? options = null)
{
    private readonly Allowances? _callers = (options ?? WebOptions.Standard).Rate is { } rate ? new Allowances(new Rate(rate * 10, TimeSpan.FromSeconds(1) / rate), time) : null;

    /// <summary>Zero where it may; else how long to wait.</summary>
    public TimeSpan Take(HttpContext context, CurrentPerson person) =>
        _callers is not null && context.Request.Path.StartsWithSegments("/v1") ? _callers.Take(person.Key) : TimeSpan.Zero;
}
