using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Facility.Tests.EndToEnd;

/// <summary>Every page on a phone, a desk and a wall, in <c>artifacts/screenshots</c>: to be looked at. No page scrolls sideways.</summary>
public sealed class Pictures(Browser browser) : IClassFixture<Browser>
{
    public static TheoryData<string, string> Pages() => new()
    {
        { "nu", "/" },
        { "plein", "/plein/ratelaar" },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_fits_every_screen(string name, string path)
    {
        await using var server = await FakeServer.StartAsync(TuesdayAfternoon.Sites, TuesdayAfternoon.Snapshot);
        var page = await browser.TuesdayAsync();
        await page.GotoAsync(server.Url + path);
        foreach (var (screen, width, height, theme) in new[]
        {
            ("desk", 1440, 900, ColorScheme.Light), ("phone", 390, 844, ColorScheme.Light), ("phone-dark", 390, 844, ColorScheme.Dark), ("small", 320, 640, ColorScheme.Dark), ("wall", 1920, 1080, ColorScheme.Dark),
        })
        {
            await page.SetViewportSizeAsync(width, height);
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            await Expect(page.Locator(".day svg").First).ToBeVisibleAsync();
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} scrolls sideways at {width} pixels");
            await Browser.PictureAsync(page, $"{name}-{screen}");
        }
    }
}
