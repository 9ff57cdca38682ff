using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Facility.Tests.EndToEnd;

/// <summary>What people do with the live pages, each from the page to the server.</summary>
public sealed class TasksOfPeople(Browser browser) : IClassFixture<Browser>
{
    private const string Button = "11111111-1111-4111-8111-111111111111";

    [Fact]
    public async Task Woken_without_a_network_one_takes_an_incident_and_it_is_sent_when_there_is_one()
    {
        await using var server = await FakeServer.StartAsync(TuesdayAfternoon.Sites, TuesdayAfternoon.Snapshot);
        var page = await browser.TuesdayAsync(390, 844);
        await page.GotoAsync(server.Url + "/meldingen/" + Button);
        await Expect(page.Locator("h1")).ToHaveTextAsync("Hulpknop");
        await page.RouteAsync("**/v1/incidents/**", route => route.AbortAsync());
        await page.GetByTestId("acknowledge").ClickAsync();
        await Expect(page.GetByTestId("waiting")).ToContainTextAsync("Nog niet verstuurd");
        await Expect(page.GetByTestId("unsent")).ToBeVisibleAsync();
        await Browser.PictureAsync(page, "melding-niet-verstuurd-phone");
        Assert.Empty(server.Acts);

        await page.ReloadAsync();
        await Expect(page.GetByTestId("waiting")).ToBeVisibleAsync();
        await page.UnrouteAllAsync();
        await server.PushAsync(TuesdayAfternoon.Incidents[0] with { IncidentVersion = 1 });
        await Expect(page.GetByTestId("waiting")).ToHaveCountAsync(0);
        Assert.Equal(["acknowledgement " + Button], server.Acts);
    }

    [Fact]
    public async Task A_new_incident_is_counted_in_the_menu_and_the_title_and_said_once()
    {
        var quiet = TuesdayAfternoon.Snapshot with { Incidents = [], IncidentVersion = 10 };
        await using var server = await FakeServer.StartAsync(TuesdayAfternoon.Sites, quiet);
        var page = await browser.TuesdayAsync();
        await page.GotoAsync(server.Url + "/meldingen");
        await Expect(page.Locator("header")).ToContainTextAsync("Live");
        await Expect(page.Locator("main")).ToContainTextAsync("geen open meldingen");
        await server.PushAsync(TuesdayAfternoon.Incidents[0]);
        await Expect(page.GetByTestId("open-count")).ToContainTextAsync("1");
        await Expect(page).ToHaveTitleAsync(new System.Text.RegularExpressions.Regex(@"^\(1\) "));
        await Expect(page.GetByText("Nieuwe melding: Hulpknop, Buurtplein Batau")).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task The_count_of_a_room_is_corrected_in_two_taps()
    {
        await using var server = await FakeServer.StartAsync(TuesdayAfternoon.Sites, TuesdayAfternoon.Snapshot);
        var page = await browser.TuesdayAsync();
        await page.GotoAsync(server.Url + "/plein/ratelaar");
        var kitchen = page.Locator("[data-zone=kitchen]");
        await Expect(kitchen).ToContainTextAsync("19");
        await kitchen.GetByRole(AriaRole.Button, new() { Name = "Eén meer in Keuken" }).ClickAsync();
        await kitchen.GetByRole(AriaRole.Button, new() { Name = "Bewaar 20" }).ClickAsync();
        await Expect(kitchen).ToContainTextAsync("Bewaard: 20");
        Assert.Equal(["ratelaar kitchen 20"], server.Acts);
    }

    [Fact]
    public async Task Without_a_network_the_dashboard_opens_with_the_last_state_and_says_how_old_it_is()
    {
        await using var server = await FakeServer.StartAsync(TuesdayAfternoon.Sites, TuesdayAfternoon.Snapshot);
        // By the real clock: a page whose clock stands still does not tell what it was made of.
        var page = await browser.PageAsync(worker: true);
        await page.GotoAsync(server.Url);
        await Expect(page.Locator("[data-site=batau] [data-testid=estimate]")).ToHaveTextAsync("52");
        await page.WaitForFunctionAsync("""
            async () => localStorage.getItem('facility.last') !== null && navigator.serviceWorker.controller !== null
                && performance.getEntriesByType('resource').filter(e => e.name.includes('_framework')).length < (await (await caches.open('files')).keys()).length
            """);
        await page.Context.SetOfflineAsync(true);
        await server.DisposeAsync();
        await page.ReloadAsync();
        await Expect(page.GetByTestId("lost")).ToBeVisibleAsync();
        await Expect(page.Locator("[data-site=batau] [data-testid=estimate]")).ToHaveTextAsync("52");
        await Expect(page.GetByTestId("fresh")).ToContainTextAsync("geleden");
    }
}
