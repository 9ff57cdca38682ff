using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Facility.Tests.Programs;
using static Microsoft.Playwright.Assertions;

namespace Facility.Tests.EndToEnd;

/// <summary>From the link that the server prints to somebody who has signed in, in a browser, under the page's own policy.</summary>
public sealed class SignInPages(Browser browser) : IClassFixture<Browser>
{
    private const string Password = "vier paarse fietsen 7";

    [Fact]
    public async Task The_first_link_makes_an_administrator_who_signs_out_and_in_again()
    {
        var page = await browser.PageAsync(400, 800);
        var refused = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.Ordinal))
            {
                refused.Add(message.Text);
            }
        };
        var (folder, http) = (Here.NewFolder(), Here.FreePort());
        await using var server = await RunningProgram.ReadyServerAsync(
            http, "--data", folder, "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{Here.FreePort()}");
        await server.UntilOutputAsync("First administrator: ", TimeSpan.FromSeconds(30));
        var link = Regex.Match(server.Output, @"First administrator: (\S+)").Groups[1].Value;

        await page.GotoAsync(link);
        await page.FillAsync("input[name=name]", "Anna");
        await page.FillAsync("input[name=password]", Password);
        await page.ClickAsync("form.account button");
        var secret = await page.Locator("[data-testid=secret]").TextContentAsync();
        await Browser.PictureAsync(page, "welcome");
        await page.FillAsync("input[name=code]", Code(secret!, 0));
        await page.ClickAsync("form.account button");
        await Expect(page.Locator("[data-testid=who]")).ToContainTextAsync("Anna");
        Assert.Contains("facility", (await page.Context.CookiesAsync()).Where(c => c.HttpOnly).Select(c => c.Name));

        await page.ClickAsync("[data-testid=sign-out]");
        await page.ClickAsync("[data-testid=sign-in]");
        await page.FillAsync("input[name=name]", "anna");
        await page.FillAsync("input[name=password]", Password);
        await page.FillAsync("input[name=code]", "000000");
        await page.ClickAsync("form.account button");
        await Expect(page.Locator("[data-testid=problem]")).Not.ToBeEmptyAsync();
        await Browser.PictureAsync(page, "sign-in");
        await page.FillAsync("input[name=code]", Code(secret!, 1));
        await page.ClickAsync("form.account button");
        await Expect(page.Locator("[data-testid=who]")).ToContainTextAsync("Anna");

        await page.GotoAsync(link);
        await Expect(page.Locator("[role=alert]").First).ToContainTextAsync("gebruikt");
        Assert.Equal([], refused);
        Assert.Equal(0, await server.StopAsync());
        Directory.Delete(folder, recursive: true);
    }

    // RFC 6238 as an app does it, so many steps of 30 s from now.
    private static string Code(string base32, int steps)
    {
        var bits = string.Concat(base32.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var key = bits.Chunk(8).Where(b => b.Length == 8).Select(b => Convert.ToByte(new string(b), 2)).ToArray();
        var counter = BitConverter.GetBytes(IPAddress.HostToNetworkOrder((DateTimeOffset.UtcNow.ToUnixTimeSeconds() / 30) + steps));
#pragma warning disable CA5350 // The apps' own algorithm.
        var hash = HMACSHA1.HashData(key, counter);
#pragma warning restore CA5350
        var at = hash[^1] & 15;
        var number = ((hash[at] & 127) << 24) | (hash[at + 1] << 16) | (hash[at + 2] << 8) | hash[at + 3];
        return (number % 1_000_000).ToString("000000", CultureInfo.InvariantCulture);
    }
}
