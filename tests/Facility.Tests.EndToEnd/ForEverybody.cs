using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Facility.Tests.EndToEnd;

/// <summary>WCAG 2.2 AA as far as a program can tell: axe on every page, in both languages and themes, connected and not; and by keyboard alone.</summary>
public sealed class ForEverybody(Browser browser) : IClassFixture<Browser>
{
    [Theory]
    [InlineData("nl")]
    [InlineData("en")]
    public async Task Axe_finds_nothing_on_any_page_in_either_theme(string language)
    {
        var found = new List<string>();
        var server = await FakeServer.StartAsync(TuesdayAfternoon.Sites, TuesdayAfternoon.Snapshot);
        var page = await browser.TuesdayAsync();
        await page.Context.AddCookiesAsync([new() { Name = "facility-language", Value = language, Url = server.Url }]);
        await page.GotoAsync(server.Url);
        await Expect(page.Locator("[data-site] .day svg")).ToHaveCountAsync(5);
        foreach (var (_, path) in TuesdayAfternoon.Pages)
        {
            await Browser.GoAsync(page, path);
            foreach (var theme in new[] { ColorScheme.Light, ColorScheme.Dark })
            {
                await page.EmulateMediaAsync(new() { ColorScheme = theme });
                found.AddRange(await LookAsync(page, $"{path} {theme}"));
            }
        }

        await server.DisposeAsync();
        await Browser.GoAsync(page, "/");
        await Expect(page.GetByTestId("lost")).ToBeVisibleAsync();
        await page.GetByTestId("preferences").Locator("summary").ClickAsync();
        found.AddRange(await LookAsync(page, "/ without a connection"));
        Assert.Equal([], found);
    }

    [Fact]
    public async Task By_keyboard_one_passes_over_the_menu_opens_a_site_and_is_at_its_heading()
    {
        await using var server = await FakeServer.StartAsync(TuesdayAfternoon.Sites, TuesdayAfternoon.Snapshot);
        var page = await browser.TuesdayAsync();
        await page.GotoAsync(server.Url);
        await Expect(page.Locator("[data-site] .day svg")).ToHaveCountAsync(5);
        await page.EvaluateAsync("document.activeElement.blur()");
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("main")).ToBeFocusedAsync();
        var link = page.Locator("[data-site=doorslag] h2 a");
        for (var i = 0; i < 20 && !await link.EvaluateAsync<bool>("link => link === document.activeElement"); i++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("Buurtplein Doorslag");
        await Expect(page.Locator("h1")).ToBeFocusedAsync();
    }

    private static async Task<IEnumerable<string>> LookAsync(IPage page, string where) =>
        (await page.RunAxe()).Violations.Select(v => $"{where}: {v.Id} {string.Join(" | ", v.Nodes.Take(3).Select(n => n.Html))}");
}
