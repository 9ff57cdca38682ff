using System.Text.Json.Nodes;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Facility.Tests.EndToEnd;

/// <summary>The main task of an analyst, an administrator and of who is on call, from figures to the picture; by keyboard and mouse, on a desk and a phone.</summary>
public sealed class OfficeTasks(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task An_analyst_chooses_a_period_and_takes_the_figures_and_a_picture_home()
    {
        await using var server = await FakeServer.StartAsync(TuesdayAfternoon.Sites, TuesdayAfternoon.Snapshot);
        var page = await PageAsync(server);
        await page.GotoAsync(server.Url + "/trends?site=ratelaar");
        await page.GetByRole(AriaRole.Button, new() { Name = "4 weken" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("site=ratelaar.*from=.*to="));
        var crowding = page.Locator("[data-picture=crowding]");
        await Expect(crowding.Locator(".says")).ToContainTextAsync("Het drukst is het op dinsdag van 14 tot 15 uur");
        foreach (var picture in new[] { "crowding", "occupancy", "visits", "use", "bookings", "readiness" })
        {
            await Expect(page.Locator($"svg#{picture}")).ToBeVisibleAsync();
        }

        foreach (var (button, ending) in new[] { ("CSV", "csv"), ("SVG", "svg"), ("PNG", "png") })
        {
            var file = await page.RunAndWaitForDownloadAsync(() => crowding.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync());
            Assert.Equal($"ratelaar-drukte.{ending}", file.SuggestedFilename);
            Assert.True(new FileInfo(await file.PathAsync()).Length > 20);
        }

        await crowding.GetByText("Toon als tabel").ClickAsync();
        await Expect(crowding.Locator("tbody tr")).ToHaveCountAsync(91);
        await crowding.GetByText("Toon als tabel").ClickAsync();
        await PicturesAsync(page, "trends");
    }

    [Fact]
    public async Task An_administrator_changes_a_limit_sees_what_it_means_saves_it_and_undoes_it()
    {
        await using var server = await FakeServer.StartAsync(TuesdayAfternoon.Sites, TuesdayAfternoon.Snapshot);
        var office = new OfficeFixture(TuesdayAfternoon.Sites);
        var page = await PageAsync(server, office);
        await page.GotoAsync(server.Url + "/beheer/pleinen");
        var (capacity, save) = (page.GetByLabel("Meeste mensen *"), page.GetByTestId("save"));
        var before = await capacity.InputValueAsync();
        await capacity.FillAsync("0");
        await capacity.PressAsync("Tab");
        await save.GetByRole(AriaRole.Button, new() { Name = "Controleren" }).ClickAsync();
        await Expect(page.Locator(".field .wrong")).ToContainTextAsync("een heel getal, minstens 1");
        await Expect(capacity).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(save.GetByRole(AriaRole.Button, new() { Name = "Opslaan" })).ToBeDisabledAsync();
        await Browser.PictureAsync(page, "beheer-wrong");

        await capacity.FillAsync("180");
        await capacity.PressAsync("Tab");
        await save.GetByRole(AriaRole.Button, new() { Name = "Controleren" }).ClickAsync();
        await Expect(page.GetByTestId("changes")).ToContainTextAsync($"meeste mensen: was {before}, wordt 180");
        await save.GetByLabel("Waarom?").FillAsync("Verbouwing");
        await PicturesAsync(page, "beheer");
        await save.GetByRole(AriaRole.Button, new() { Name = "Opslaan" }).ClickAsync();
        await Expect(save).ToContainTextAsync("Opgeslagen als versie 2");
        Assert.Equal(180, (int)JsonNode.Parse(office.Ruling.Document.GetRawText())!["sites"]![0]!["capacity"]!);

        var first = page.Locator("[data-revision='1']");
        await first.GetByRole(AriaRole.Button, new() { Name = "Zet deze terug" }).ClickAsync();
        await first.GetByRole(AriaRole.Button, new() { Name = "Ja, zet versie 1 terug" }).ClickAsync();
        await Expect(save).ToContainTextAsync("Opgeslagen als versie 3");
        await Expect(capacity).ToHaveValueAsync(before);
    }

    [Fact]
    public async Task Who_is_on_call_swaps_a_turn_and_tries_how_they_are_reached()
    {
        await using var server = await FakeServer.StartAsync(TuesdayAfternoon.Sites, TuesdayAfternoon.Snapshot);
        var page = await PageAsync(server);
        await page.GotoAsync(server.Url + "/piket");
        await Expect(page.GetByTestId("now")).ToContainTextAsync("Bram Jansen");
        await Expect(page.GetByTestId("next")).ToContainTextAsync("Chris Bakker");
        await PicturesAsync(page, "piket");
        var swap = page.GetByTestId("swap");
        await Choose(swap.GetByLabel("Deze beurt"), "Bram");
        await Choose(swap.GetByLabel("Ruilen met"), "Chris");
        await swap.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(swap.GetByRole(AriaRole.Status)).ToContainTextAsync("Geruild: Bram Jansen en Chris Bakker.");
        await Expect(page.GetByTestId("now")).ToContainTextAsync("Chris Bakker");
        await page.GetByTestId("channels").GetByRole(AriaRole.Button, new() { Name = "Test email" }).ClickAsync();
        await Expect(page.GetByTestId("channels")).ToContainTextAsync("Test verstuurd via E-mail");

        static async Task Choose(ILocator select, string name) =>
            await select.SelectOptionAsync(new SelectOptionValue { Value = await select.Locator("option", new() { HasText = name }).First.GetAttributeAsync("value") });
    }

    private async Task<IPage> PageAsync(FakeServer server, OfficeFixture? office = null)
    {
        _ = server;
        var page = await browser.PageAsync(1440, 900);
        await (office ?? new OfficeFixture(TuesdayAfternoon.Sites)).AnswerAsync(page);
        return page;
    }

    private static async Task PicturesAsync(IPage page, string name)
    {
        foreach (var (screen, width, height, theme) in new[] { ("phone", 360, 740, ColorScheme.Dark), ("desk", 1440, 900, ColorScheme.Light) })
        {
            await page.SetViewportSizeAsync(width, height);
            await page.EmulateMediaAsync(new() { ColorScheme = theme });
            await page.EvaluateAsync("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{name} scrolls sideways at {width} pixels");
            await Browser.PictureAsync(page, $"{name}-{screen}");
        }
    }
}
