using Facility.Contracts;
using Facility.Contracts.Live;
using Facility.Dashboard.Live;
using Facility.Domain.Access;
using Facility.Server.Api.Access;
using Facility.Server.Pages;
using Facility.Server.Pipeline;
using MessagePack;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.SignalR;

namespace Facility.Server.Api;

/// <summary>A part of the server that can say it is not ready to serve, and why.</summary>
public interface IReadiness
{
    /// <summary>What is not ready, for an operator; null when it is.</summary>
    string? Problem { get; }
}

/// <summary>REST, the live hub and the dashboard (contract, sections 4 and 5).</summary>
public static class FacilityApi
{
    private const string Version = "1.0.0";
    private const string DescriptionPath = "/v1/openapi.json";

    public static IServiceCollection AddFacilityApi(this IServiceCollection services)
    {
        services.AddDescription(Version).AddAccess();
        services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
            o.SerializerOptions.Converters.Add(new Rfc3339Converter());
        });
        services.AddSingleton<OwnPipeline>();
        services.AddSingleton<LiveFeed>();
        services.AddHostedService(s => s.GetRequiredService<LiveGuard>());
        services.AddSingleton<HubLifetimeManager<LiveFeedHub>, LiveConnections>();
        services.AddSignalR(o =>
            {
                o.MaximumReceiveMessageSize = 16 * 1024;

                // A page says within five seconds that its connection is lost: it hears a ping more often than that.
                o.KeepAliveInterval = TimeSpan.FromSeconds(1.5);
            })
            .AddJsonProtocol(o =>
            {
                o.PayloadSerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
                o.PayloadSerializerOptions.Converters.Add(new Rfc3339Converter());
            })
            .AddMessagePackProtocol(o => o.SerializerOptions = MessagePackSerializerOptions.Standard
                .WithResolver(ContractResolver.Instance).WithSecurity(MessagePackSecurity.UntrustedData));
        return services;
    }

    public static WebApplication MapFacilityApi(this WebApplication app)
    {
        var web = app.Services.GetService<WebOptions>() ?? WebOptions.Standard;
        app.UseTrustedProxies(web);
        app.UseOwnPipeline();
        app.Use(WebDefences.AddHeaders);
        var own = app.Services.GetRequiredService<OwnPipeline>();
        app.Use((context, next) =>
        {
            context.Response.OnStarting(() =>
            {
                context.Response.Headers["API-Version"] = Version;
                context.Response.Headers[LiveConnection.BuildHeader] = own.Build;
                if (context.Request.Path == DescriptionPath)
                {
                    // Pages elsewhere may show how the API is used; nothing else of it is theirs to read.
                    context.Response.Headers.AccessControlAllowOrigin = "*";
                }

                return Task.CompletedTask;
            });
            return next(context);
        });
        app.UseExceptionHandler(errors => errors.Run(WriteErrorAsync));
        app.UseStatusCodePages(pages => Problems.WriteAsync(pages.HttpContext, pages.HttpContext.Response.StatusCode, Explain(pages.HttpContext)));
        app.Use(RefuseAsync);

        // Here, not before all: RefuseAsync makes a GET of a HEAD.
        app.UseRouting();
        app.UseAccess();

        var v1 = app.MapGroup("/v1");
        v1.MapSites();
        v1.MapIncidents();
        v1.MapOnCall();
        v1.MapConfiguration();
        v1.MapOnCallConfiguration();
        v1.MapChannels();
        v1.MapDeliveryReports();
        v1.MapTrends();
        v1.MapCounts();
        v1.MapPush();
        v1.MapDevices();
        v1.MapAccess();
        app.MapAcknowledgePage();
        app.MapOpenApi(DescriptionPath).Needs(Right.SeePublicOccupancy);
        app.MapGet("/health/live", () => TypedResults.Text("live")).OpenToAll("probes of whoever runs the server").ExcludeFromDescription();
        app.MapGet("/health/ready", Ready).OpenToAll("probes of whoever runs the server").ExcludeFromDescription();
        app.MapHub<LiveFeedHub>(LiveHub.Path, LiveConnections.Bound).Needs(Right.SeePublicOccupancy);
        app.MapSecurityText(web);
        app.MapDashboard();
        return app;
    }

    /// <summary>The server's own figures, as Prometheus reads them.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder app) => app.MapGet("/metrics", ([FromServices] Metrics metrics) =>
    {
        using var text = new StringWriter();
        metrics.Write(text);
        return TypedResults.Text(text.ToString(), "text/plain; version=0.0.4");
    }).Needs(Right.SeeMetrics).ExcludeFromDescription();

    private static IResult Ready(IEnumerable<IReadiness> parts)
    {
        var problems = parts.Select(p => p.Problem).OfType<string>().ToArray();
        return problems.Length == 0 ? TypedResults.Text("ready") : Problems.Of(503, string.Join("; ", problems));
    }

    private static Task RefuseAsync(HttpContext context, RequestDelegate next)
    {
        // Addresses of this server are made of it: pages, the description, a way out.
        if (context.Request.Host.Value is { Length: > 0 } host && !Uri.TryCreate($"{context.Request.Scheme}://{host}/", UriKind.Absolute, out _))
        {
            return Problems.WriteAsync(context, 400, "the header Host is no host with a port from 0 to 65535");
        }

        var path = context.Request.Path;
        var isApi = path.StartsWithSegments("/v1") || path.StartsWithSegments("/health") || path.StartsWithSegments("/metrics");
        if (isApi && path.Value!.EndsWith('/'))
        {
            return Problems.WriteAsync(context, 404, "paths have no trailing slash");
        }

        // HEAD is a GET whose body the server keeps (RFC 9110, section 9.3.2).
        if (isApi && HttpMethods.IsHead(context.Request.Method))
        {
            context.Request.Method = HttpMethods.Get;
        }

        // A browser lets any page open a WebSocket to us: only our own may, and those that the server was told of.
        return path.StartsWithSegments("/hubs") && !Origins.IsOwn(context.Request)
            ? Problems.WriteAsync(context, 403, "the live hub is open to pages of this server only")
            : next(context);
    }

    private static Task WriteErrorAsync(HttpContext context)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        return error is BadHttpRequestException bad
            ? Problems.WriteAsync(context, bad.StatusCode, bad.Message)
            : Problems.WriteAsync(context, 500, "the server failed on this request; its log says why");
    }

    private static string Explain(HttpContext context) => context.Response.StatusCode switch
    {
        404 => $"there is nothing at {context.Request.Path}; GET /v1/openapi.json lists what there is",
        405 => $"{context.Request.Method} is not possible here; allowed: {context.Response.Headers.Allow}",
        415 => "the body is JSON: send it with Content-Type: application/json",
        var status => Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status),
    };
}
