using Microsoft.Playwright;

namespace Facility.Tests.EndToEnd;

/// <summary>One headless Chromium (the one on PATH) for a test class; a test that needs it is skipped by name without it.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? playwright;
    private IBrowser? browser;

    public async ValueTask InitializeAsync()
    {
        if (Find() is not { } path)
        {
            return;
        }

        // A machine that is busy shows the same, later.
        Assertions.SetDefaultExpectTimeout(60_000);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = path, Args = Arguments });
    }

    /// <summary>A page in a context of its own: nothing is remembered from another test.</summary>
    /// <param name="worker">With its service worker, which keeps files for later.</param>
    /// <param name="script">Without: what the server sent, and no more.</param>
    public async Task<IPage> PageAsync(int width = 1280, int height = 900, bool worker = false, bool script = true)
    {
        Assert.SkipWhen(browser is null, "Chromium is not on PATH (apt-get install chromium)");
        var context = await browser!.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ServiceWorkers = worker ? ServiceWorkerPolicy.Allow : ServiceWorkerPolicy.Block, JavaScriptEnabled = script });
        return await context.NewPageAsync();
    }

    /// <summary>The same, on the fixture's afternoon.</summary>
    public async Task<IPage> TuesdayAsync(int width = 1280, int height = 900)
    {
        var page = await PageAsync(width, height);
        await page.Clock.SetFixedTimeAsync(TuesdayAfternoon.Now.UtcDateTime);
        return page;
    }

    /// <summary>To another page as a link of the dashboard goes there, without loading it anew.</summary>
    public static async Task GoAsync(IPage page, string path)
    {
        await page.EvaluateAsync("path => Blazor.navigateTo(path)", path);
        await page.WaitForFunctionAsync("path => location.pathname === path && document.querySelector('h1') !== null && document.querySelector('.day.empty') === null", path);
    }

    /// <summary>A picture in <c>artifacts/screenshots</c> of the repository, for a person to look at.</summary>
    public static Task PictureAsync(IPage page, string name) =>
        page.ScreenshotAsync(new() { Path = Path.Combine(Root(), "artifacts", "screenshots", name + ".png"), FullPage = true });

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.CloseAsync();
        }

        playwright?.Dispose();
    }

    private static string? Find() =>
        (from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
         from name in Names
         select Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Facility.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Facility.sln is not above the tests");
        }

        return folder;
    }
}
