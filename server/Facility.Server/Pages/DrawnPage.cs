using System.Globalization;
using Facility.Dashboard;
using Facility.Dashboard.Account;
using Facility.Dashboard.Live;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.JSInterop;

namespace Facility.Server.Pages;

/// <summary>
/// One page of the dashboard as HTML: the same components as in the browser, over the same API. What they asked goes along as JSON, so that
/// the first picture in the browser is this one.
/// </summary>
/// <param name="Head">Its title.</param>
/// <param name="SentTo">Where the reader must go instead, such as to sign in.</param>
internal sealed record DrawnPage(string Head, string Body, string Known, string? SentTo)
{
    /// <summary>What takes longer is left as "loading" and comes in the browser.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(800);

    public static async Task<DrawnPage> OfAsync(HttpContext viewer, RequestDelegate pipeline, string language, string build, ILoggerFactory logs)
    {
        var root = $"{viewer.Request.Scheme}://{viewer.Request.Host}/";
        using var http = new HttpClient(new OwnApi(pipeline, viewer)) { BaseAddress = new Uri(root) };
        var navigation = new StillNavigation(root, root + viewer.Request.Path.ToUriComponent()[1..] + viewer.Request.QueryString.ToUriComponent());
        await using var services = Services(http, navigation, logs);
        await using var scope = services.CreateAsyncScope();
        var renderer = new HtmlRenderer(scope.ServiceProvider, logs);
        try
        {
            return await renderer.Dispatcher.InvokeAsync(async () =>
            {
                CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
                var answers = scope.ServiceProvider.GetRequiredService<Answers>();
                answers.Build = build;
                await scope.ServiceProvider.GetRequiredService<Viewer>().LoadAsync();
                await scope.ServiceProvider.GetRequiredService<LiveConnection>().LoadAsync();
                var body = renderer.BeginRenderingComponent<App>();
                var head = renderer.BeginRenderingComponent<HeadOutlet>();
                await Task.WhenAny(body.QuiescenceTask, Task.Delay(Patience));
                return new DrawnPage(head.ToHtmlString(), body.ToHtmlString(), answers.ToJson(), navigation.SentTo);
            });
        }
        finally
        {
            await renderer.DisposeAsync();
        }
    }

    private static ServiceProvider Services(HttpClient http, NavigationManager navigation, ILoggerFactory logs) => new ServiceCollection()
        .AddDashboard()
        .AddSingleton(logs)
        .AddSingleton(http)
        .AddSingleton(navigation)
        .AddSingleton<StillBrowser>()
        .AddSingleton<IJSRuntime>(s => s.GetRequiredService<StillBrowser>())
        .AddSingleton<INavigationInterception>(s => s.GetRequiredService<StillBrowser>())
        .AddSingleton<IScrollToLocationHash>(s => s.GetRequiredService<StillBrowser>())
        .BuildServiceProvider();
}
