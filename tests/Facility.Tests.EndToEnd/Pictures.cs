using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Facility.Tests.EndToEnd;

/// <summary>Every page on a phone, a desk and a wall, in <c>artifacts/screenshots</c>: to be looked at. No page scrolls sideways.</summary>
public sealed class Pictures(Browser browser) : IClassFixture<Browser>
{
    private static readonly (string Name, int Width, int Height, ColorScheme Theme)[] Screens =
    [
        ("desk", 1440, 900, ColorScheme.Light), ("phone", 390, 844, ColorScheme.Light), ("phone-dark", 390, 844, ColorScheme.Dark),
        ("320-pixels", 320, 640, ColorScheme.Dark), ("wall", 1920, 1080, ColorScheme.Dark),
    ];

    [Fact]
    public async Task No_page_scrolls_sideways_on_any_screen()
    {
        await using var server = await FakeServer.StartAsync(TuesdayAfternoon.Sites, TuesdayAfternoon.Snapshot);
        var page = await browser.TuesdayAsync();
        await page.GotoAsync(server.Url);
        await Expect(page.Locator("[data-site] .day svg")).ToHaveCountAsync(5);
        var wide = new List<string>();
        foreach (var (name, path) in TuesdayAfternoon.Pages)
        {
            await Browser.GoAsync(page, path);
            foreach (var screen in Screens)
            {
                await page.SetViewportSizeAsync(screen.Width, screen.Height);
                await page.EmulateMediaAsync(new() { ColorScheme = screen.Theme });
                if (!await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"))
                {
                    wide.Add($"{path} at {screen.Width}");
                }

                await Browser.PictureAsync(page, $"{name}-{screen.Name}");
            }
        }

        Assert.Equal([], wide);
    }
}
