using Facility.Tests.Programs;
using static Microsoft.Playwright.Assertions;

namespace Facility.Tests.EndToEnd;

/// <summary>What the real server serves: figures before any script, and pages that keep to a strict policy of content.</summary>
public sealed class DrawnByServer(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_page_has_its_figures_without_a_script_and_with_scripts_nothing_breaks_its_policy()
    {
        var folder = Here.NewFolder();
        var (http, mqtt) = (Here.FreePort(), Here.FreePort());
        await using var server = await RunningProgram.ReadyServerAsync(
            http, "--data", Path.Combine(folder, "server"), "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{mqtt}");
        var url = $"http://127.0.0.1:{http}";

        var plain = await browser.PageAsync(script: false);
        await plain.GotoAsync(url);
        await Expect(plain.Locator("[data-site]")).ToHaveCountAsync(5);
        await Expect(plain.Locator("[data-site=ratelaar] [data-testid=estimate], [data-site=ratelaar] .state")).ToHaveCountAsync(1);
        await Expect(plain).ToHaveTitleAsync("Nu · Buurtpleinen");
        await plain.Context.AddCookiesAsync([new() { Name = "facility-language", Value = "en", Url = url }, new() { Name = "facility-theme", Value = "dark", Url = url }]);
        await plain.GotoAsync(url + "/scherm/ratelaar");
        await Expect(plain.Locator("h1")).ToHaveTextAsync("Buurtplein Zuid");
        await Expect(plain.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Expect(plain.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        Assert.Equal(404, (await plain.GotoAsync(url + "/plein/nergens"))!.Status);

        var page = await browser.PageAsync();
        var errors = new List<string>();
        page.Console += (_, message) => errors.AddRange(message.Text.Contains("Content Security Policy", StringComparison.Ordinal) ? [message.Text] : []);
        page.PageError += (_, error) => errors.Add(error);
        await page.GotoAsync(url);
        await Expect(page.Locator(".fresh.live")).ToBeVisibleAsync();
        await page.GetByRole(Microsoft.Playwright.AriaRole.Link, new() { Name = "Buurtplein Zuid" }).ClickAsync();
        await Expect(page.GetByTestId("plan")).ToBeVisibleAsync();
        Assert.Equal([], errors);
        await server.StopAsync();
        Directory.Delete(folder, recursive: true);
    }
}
