using System.IO.Compression;
using System.Text;
using Facility.Server.Api.Access;

namespace Facility.Server.Pages;

/// <summary>The dashboard: its files, and every page of it drawn by the server so that it has its figures before any script runs.</summary>
internal static class DashboardPages
{
    // Paths of the API never answer with the dashboard's page.
    private const string PageRoute = "/{*path:nonfile:regex(^(?!v1$|v1/|hubs$|hubs/|health$|health/|metrics$|metrics/).*$)}";

    /// <summary>Before all other middleware: the pages ask the API through what follows.</summary>
    public static void UseOwnPipeline(this WebApplication app)
    {
        var own = app.Services.GetRequiredService<OwnPipeline>();
        ((IApplicationBuilder)app).Use(next =>
        {
            own.Next = next;
            return next;
        });
    }

    public static void MapDashboard(this WebApplication app)
    {
        // In a test host, and where only the API is deployed, there is no dashboard.
        var manifest = Path.Combine(AppContext.BaseDirectory, "facility-server.staticwebassets.endpoints.json");
        if (!File.Exists(manifest) || !app.Environment.WebRootFileProvider.GetFileInfo("index.html").Exists)
        {
            return;
        }

        var (template, build) = (PageTemplate.Read(app.Environment.WebRootFileProvider), PageTemplate.BuildOf(manifest));
        app.Services.GetRequiredService<OwnPipeline>().Build = build;
        app.MapStaticAssets(manifest).OpenToAll(NeedsOfEndpoints.Pages);
        Delegate page = (HttpContext context, OwnPipeline own, ILoggerFactory logs) => ServeAsync(context, template, own, logs);
        foreach (var route in (string[])["/", PageRoute])
        {
            app.MapFallback(route, page).OpenToAll(NeedsOfEndpoints.Pages).WithMetadata(new HttpMethodMetadata([HttpMethods.Get, HttpMethods.Head])).ExcludeFromDescription();
        }
    }

    private static async Task ServeAsync(HttpContext context, PageTemplate template, OwnPipeline own, ILoggerFactory logs)
    {
        var language = context.Request.Cookies["facility-language"] == "en" ? "en" : "nl";
        var theme = context.Request.Cookies["facility-theme"] is ("dark" or "light") and var chosen ? chosen : null;
        var page = await TryDrawAsync(context, own, language, logs);
        if (page?.SentTo is { } elsewhere)
        {
            context.Response.Redirect(elsewhere);
            return;
        }

        var headers = context.Response.Headers;
        (headers.ContentType, headers.CacheControl, headers.Vary) = ("text/html; charset=utf-8", "private, no-cache", "Cookie, Accept-Encoding");
        context.Response.StatusCode = page?.Body.Contains("data-testid=\"missing\"", StringComparison.Ordinal) == true ? 404 : 200;
        await WriteAsync(context, Encoding.UTF8.GetBytes(template.Fill(language, theme, page)));
    }

    // A page that cannot be drawn is drawn by the browser: it is only later.
    private static async Task<DrawnPage?> TryDrawAsync(HttpContext context, OwnPipeline own, string language, ILoggerFactory logs)
    {
        try
        {
            return await DrawnPage.OfAsync(context, own.Next!, language, own.Build, logs);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            logs.CreateLogger(typeof(DashboardPages)).LogWarning(failure, "the page {Path} could not be drawn by the server", context.Request.Path);
            return null;
        }
    }

    private static async Task WriteAsync(HttpContext context, byte[] html)
    {
        if (!context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal))
        {
            await context.Response.Body.WriteAsync(html, context.RequestAborted);
            return;
        }

        context.Response.Headers.ContentEncoding = "br";
        await using var brotli = new BrotliStream(context.Response.Body, new BrotliCompressionOptions { Quality = 4 }, leaveOpen: true);
        await brotli.WriteAsync(html, context.RequestAborted);
    }
}
