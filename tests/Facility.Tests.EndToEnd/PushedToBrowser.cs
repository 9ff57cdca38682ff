using System.Text.Json;
using Facility.Contracts.Live;
using Facility.Contracts.Places;
using static Microsoft.Playwright.Assertions;

namespace Facility.Tests.EndToEnd;

/// <summary>The dashboard's service worker in Chromium, given pushes as its push service gives them once they are decrypted.</summary>
public sealed class PushedToBrowser(Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_push_is_shown_with_its_link_and_the_same_again_takes_its_place()
    {
        await using var server = await FakeServer.StartAsync(new SitesDocument([]), new Snapshot([], [], []));
        var page = await browser.PageAsync(worker: true);
        await page.Context.GrantPermissionsAsync(["notifications"], new() { Origin = server.Url });
        await page.GotoAsync(server.Url);
        var worker = await page.Context.NewCDPSessionAsync(page);
        var registration = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        worker.Event("ServiceWorker.workerRegistrationUpdated").OnEvent += (_, told) =>
        {
            if (told?.GetProperty("registrations") is { } list && list.GetArrayLength() > 0)
            {
                registration.TrySetResult(list[0].GetProperty("registrationId").GetString()!);
            }
        };
        await worker.SendAsync("ServiceWorker.enable");
        await page.EvaluateAsync("async () => { await navigator.serviceWorker.register('service-worker.js'); await navigator.serviceWorker.ready; }");
        var id = await registration.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Task PushAsync(string data) => worker.SendAsync("ServiceWorker.deliverPushMessage", new() { ["origin"] = server.Url, ["registrationId"] = id, ["data"] = data });

        const string Aed = """{"id":"d-1","title":"AED weg in Galecop","text":"Ga naar de hal.\n\u202e𝄞 ☕","link":"https://facility.example/a/7f3b","urgent":true,"language":"nl"}""";
        await PushAsync(Aed);
        await PushAsync(Aed);
        await PushAsync("""{"id":"d-2","title":"","text":"Oefening","link":null,"urgent":false,"language":"nl"}""");
        await PushAsync("no JSON");

        // The worker shows them when it is ready for them.
        const string List = """
            async () => {
                const registration = await navigator.serviceWorker.ready;
                for (let tries = 0; tries < 300; tries++) {
                    const shown = await registration.getNotifications();
                    if (shown.length >= 3) return JSON.stringify(shown.map(n => [n.title, n.body, n.tag, n.data, n.requireInteraction]).sort((a, b) => a[2] < b[2] ? -1 : 1));
                    await new Promise(later => setTimeout(later, 100));
                }
                return '[]';
            }
            """;
        var shown = JsonElement.Parse(await page.EvaluateAsync<string>(List));
        Assert.Equal(3, shown.GetArrayLength());
        Assert.Equal($$"""["Buurtpleinen","","","{{server.Url}}/",false]""", shown[0].GetRawText());
        Assert.Equal(JsonSerializer.Serialize(new object[] { "AED weg in Galecop", "Ga naar de hal.\n\u202e𝄞 ☕", "d-1", "https://facility.example/a/7f3b", true }), JsonSerializer.Serialize(shown[1]));
        Assert.Equal($$"""["Buurtpleinen","Oefening","d-2","{{server.Url}}/",false]""", shown[2].GetRawText());
    }

    [Fact]
    public async Task Where_the_server_has_no_push_the_page_says_so()
    {
        await using var server = await FakeServer.StartAsync(new SitesDocument([]), new Snapshot([], [], []));
        var page = await browser.PageAsync();
        await page.RouteAsync("**/v1/push-key", route => route.FulfillAsync(new() { Status = 503, ContentType = "application/problem+json", Body = "{}" }));
        await page.GotoAsync(server.Url + "/meldingen");
        await page.GetByTestId("push").Locator("summary").ClickAsync();
        await page.GetByTestId("push").Locator("button").ClickAsync();
        await Expect(page.GetByTestId("push")).ToContainTextAsync("op de server niet ingesteld");
    }
}
