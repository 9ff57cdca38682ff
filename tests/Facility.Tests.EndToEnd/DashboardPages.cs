using Facility.Contracts.Live;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Places;
using Facility.Contracts.Rest;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Facility.Tests.EndToEnd;

public sealed class DashboardPages(Browser browser) : IClassFixture<Browser>
{
    private static readonly string[] Ids = ["dukatenburg", "parelduiker", "thorbeckepark", "ratelaar", "componist"];
    private static readonly DateTimeOffset At = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    private static readonly SitesDocument Sites = new([.. Ids.Select(id => new Site(id, "Buurtplein " + id, "Europe/Amsterdam", 250,
        [new("hall", "Hal", 100), new("consult", "Spreekkamer", null, true)],
        [new("main", "main-door", Site.Outside, "hall")], [], "Adres " + id,
        Cabinets: [new("aed", "hall", "aed-door", "aed-present", "aed-tamper", "aed-temp", 5, 40)]))]);

    private static Snapshot With(int people, long version = 5) => new(
        [.. Ids.Select(id => new SiteOccupancy(id, At, version,
            [new("site", people, people - 3, people + 4, 250, true, id == "ratelaar"), new("hall", people, people - 3, people + 4, 100, true, false),
             new("consult", null, null, null, null, true, false)]))],
        [],
        [.. Ids.Select(id => new DeviceState(id + "-01", id, id == "ratelaar" ? DeviceState.Silent : DeviceState.Online, At, false, 1, 2, 3, [],
            Sensors: [new SensorLevel("aed-present", "present", 0), new SensorLevel("aed-door", "contact", 0), new SensorLevel("aed-temp", "temperature", 21.4)]))]);

    [Fact]
    public async Task All_sites_are_cards_and_what_is_stale_says_since_when()
    {
        await using var server = await FakeServer.StartAsync(Sites, With(48));
        var page = await browser.PageAsync();
        await page.GotoAsync(server.Url);
        await Expect(page.Locator("[data-site]")).ToHaveCountAsync(5);
        await Expect(page.Locator("[data-site=ratelaar] [data-testid=estimate]")).ToHaveTextAsync("48");
        await Expect(page.GetByTestId("stale")).ToContainTextAsync("Niet actueel sinds");
        await Browser.PictureAsync(page, "now-desk");
    }

    [Fact]
    public async Task A_private_room_says_only_that_it_is_in_use_and_a_missing_aed_is_said()
    {
        await using var server = await FakeServer.StartAsync(Sites, With(48));
        var page = await browser.PageAsync();
        await page.GotoAsync(server.Url + "/plein/ratelaar");
        await Expect(page.Locator("[data-zone=consult]")).ToContainTextAsync("In gebruik");
        await Expect(page.Locator("[data-zone=consult] [data-testid=estimate]")).ToHaveCountAsync(0);
        await Expect(page.Locator("[data-cabinet=aed]")).ToContainTextAsync("AED niet op zijn plaats (nu niet gehoord)");
        await Expect(page.Locator("[data-device=ratelaar-01]")).ToContainTextAsync("Stil");
        await Browser.PictureAsync(page, "site-desk");
    }

    [Fact]
    public async Task English_is_remembered_and_is_the_language_of_the_document()
    {
        await using var server = await FakeServer.StartAsync(Sites, With(48));
        var page = await browser.PageAsync();
        await page.GotoAsync(server.Url);
        await page.GetByTestId("preferences").Locator("summary").ClickAsync();
        await page.GetByTestId("language").ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("How busy is it now?");
        await page.ReloadAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("How busy is it now?");
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
    }

    [Fact]
    public async Task A_lost_connection_shows_within_five_seconds_and_heals_with_a_new_snapshot()
    {
        var page = await browser.PageAsync();
        var server = await FakeServer.StartAsync(Sites, With(48));
        var url = server.Url;
        await page.GotoAsync(url);
        await Expect(page.Locator("[data-site=ratelaar] [data-testid=estimate]")).ToHaveTextAsync("48");
        await server.DisposeAsync();
        await Expect(page.GetByTestId("lost")).ToBeVisibleAsync(new() { Timeout = 5000 });
        await using var next = await FakeServer.StartAsync(Sites, With(51, version: 1), url);
        await Expect(page.Locator("[data-site=ratelaar] [data-testid=estimate]")).ToHaveTextAsync("51", new() { Timeout = 15_000 });
        await Expect(page.GetByTestId("lost")).ToHaveCountAsync(0);
    }

    [Theory]
    [InlineData("/", "now-phone")]
    [InlineData("/plein/ratelaar", "site-phone")]
    public async Task A_phone_of_320_pixels_never_scrolls_sideways(string path, string picture)
    {
        await using var server = await FakeServer.StartAsync(Sites, With(230));
        var page = await browser.PageAsync(320, 640);
        await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await page.GotoAsync(server.Url + path);
        await Expect(page.Locator("[data-site=ratelaar] [data-testid=estimate]")).ToHaveTextAsync("230");
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 320"));
        await Browser.PictureAsync(page, picture);
    }
}
