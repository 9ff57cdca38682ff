using System.Diagnostics;
using Facility.Tests.Programs;
using static Microsoft.Playwright.Assertions;

namespace Facility.Tests.EndToEnd;

/// <summary>The main job: someone walks through a simulated door, and the number on the page changes.</summary>
public sealed class PinToPage(Browser browser, ITestOutputHelper output) : IClassFixture<Browser>
{
    [Fact]
    public async Task A_pair_of_beams_is_broken_at_a_door_and_the_number_on_the_page_changes()
    {
        var page = await browser.PageAsync();
        var folder = Here.NewFolder();
        var (http, mqtt) = (Here.FreePort(), Here.FreePort());
        await using var server = await RunningProgram.ReadyServerAsync(
            http, "--data", Path.Combine(folder, "server"), "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{mqtt}");
        await using var edge = RunningProgram.Edge(
            "--config", Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json"), "--data", Path.Combine(folder, "edge"),
            "--broker", $"mqtt://127.0.0.1:{mqtt}", "--simulate", "--stdin");
        await page.GotoAsync($"http://127.0.0.1:{http}/");
        var number = page.Locator("[data-site=ratelaar] [data-testid=estimate]");
        await Expect(page.Locator("[data-site]")).ToHaveCountAsync(5);

        var times = new List<double>();
        for (var people = 1; people <= 11; people++)
        {
            // What an estimate makes of one more is not always one more; that it changes is.
            var before = await number.TextContentAsync() ?? "";
            var shown = Expect(number).Not.ToHaveTextAsync(before, new() { Timeout = 30_000 });
            var clock = Stopwatch.StartNew();
            await edge.WriteLineAsync("main-door 1");
            await shown;
            times.Add(clock.Elapsed.TotalMilliseconds);
        }

        // The first waits for the edge to connect.
        times.RemoveAt(0);
        times.Sort();
        output.WriteLine($"from pin to page: median {times[times.Count / 2]:0} ms of {times.Count} passages, {times[0]:0} to {times[^1]:0} ms");
        await Browser.PictureAsync(page, "pin-to-page");
        Assert.Equal(0, await edge.StopAsync());
        Assert.Equal(0, await server.StopAsync());
        Directory.Delete(folder, recursive: true);
    }
}
