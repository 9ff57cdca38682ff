using System.Net;
using Facility.Contracts;
using Facility.Domain.Access;
using Facility.Server.Api.Access;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Facility.Tests.Unit.Access;

/// <summary>Whom the server believes about where a request came from, and what a request may cost.</summary>
public sealed class WebDefencesTests
{
    [Theory]
    [InlineData("127.0.0.0/8", "https 203.0.113.7 facility.example.org", true)]
    [InlineData("192.0.2.1/32", "http 127.0.0.1", false)]
    [InlineData(null, "http 127.0.0.1", false)]
    public async Task Forwarded_headers_are_believed_of_the_proxies_that_were_named_alone(string? proxies, string seen, bool isHttps)
    {
        await using var app = await StartAsync(WebOptions.Standard with { TrustedProxies = proxies is null ? [] : [IPNetwork.Parse(proxies)] });
        using var http = app.Anonymous();
        http.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.7");
        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        http.DefaultRequestHeaders.Add("X-Forwarded-Host", "facility.example.org");
        using var answer = await http.GetAsync("/seen");
        Assert.StartsWith(seen, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(isHttps, answer.Headers.Contains("Strict-Transport-Security"));
        Assert.Equal(isHttps ? "__Host-facility=" : "facility=", answer.Headers.GetValues("Set-Cookie").Single().Split('=')[0] + "=");
        Assert.Equal(isHttps, answer.Headers.GetValues("Set-Cookie").Single().Contains("secure", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Who_asks_too_much_waits_and_is_told_how_long_and_another_does_not_wait()
    {
        await using var app = await StartAsync(WebOptions.Standard with { Rate = 1 });
        using var busy = app.SignedIn("busy");
        using var calm = app.SignedIn("calm");
        var answers = new List<HttpResponseMessage>();
        for (var i = 0; i < 12; i++)
        {
            answers.Add(await busy.GetAsync("/v1/session"));
        }

        Assert.Equal(HttpStatusCode.OK, answers[9].StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, answers[11].StatusCode);
        Assert.Equal(1, answers[11].Headers.RetryAfter!.Delta!.Value.TotalSeconds);
        Assert.Equal(HttpStatusCode.OK, (await calm.GetAsync("/v1/session")).StatusCode);
    }

    [Fact]
    public async Task A_header_or_body_that_is_too_large_is_refused()
    {
        await using var app = await StartAsync(WebOptions.Standard);
        using var http = app.SignedIn();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/session");
        request.Headers.Add("X-Large", new string('x', 17_000));
        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, (await http.SendAsync(request)).StatusCode);
        using var answer = await http.PostAsync("/v1/session", new StringContent("{\"name\":\"" + new string('x', 9000) + "\"}", null, "application/json"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Security_txt_names_whom_to_tell_and_expires_within_a_year()
    {
        await using var app = await StartAsync(WebOptions.Standard with { Contact = new Uri("mailto:security@example.org") });
        var lines = (await app.Anonymous().GetStringAsync("/.well-known/security.txt")).Split('\n');
        Assert.Equal("Contact: mailto:security@example.org", lines[0]);
        Assert.True(Rfc3339.TryParse(lines[1]["Expires: ".Length..], out var expires));
        Assert.InRange(expires, DateTimeOffset.UtcNow.AddDays(90), DateTimeOffset.UtcNow.AddDays(365));
        await using var silent = await StartAsync(WebOptions.Standard);
        Assert.Equal(HttpStatusCode.NotFound, (await silent.Anonymous().GetAsync("/.well-known/security.txt")).StatusCode);
    }

    [Fact]
    public void An_allowance_grows_back_at_its_rate_and_no_further_and_a_clock_set_back_gives_nothing()
    {
        var (rate, now) = (new Rate(3, TimeSpan.FromSeconds(10)), DateTimeOffset.UnixEpoch);
        var left = Allowance.Full(rate, now);
        for (var i = 0; i < 3; i++)
        {
            left = left.Take(rate, now).Next;
        }

        Assert.Equal(TimeSpan.FromSeconds(10), left.Take(rate, now).Wait);
        Assert.Equal(TimeSpan.FromSeconds(4), left.Take(rate, now.AddSeconds(6)).Wait);
        Assert.Equal(TimeSpan.Zero, left.Take(rate, now.AddSeconds(10)).Wait);
        Assert.NotEqual(TimeSpan.Zero, left.Take(rate, now.AddDays(-1)).Wait);
        Assert.True(left.IsFull(rate, now.AddSeconds(30)));
        Assert.Equal(2, left.Take(rate, now.AddYears(1)).Next.Left);
    }

    private static async Task<WebApplication> StartAsync(WebOptions options)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0").ConfigureKestrel(WebDefences.Limit);
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton(options).AddAccess().AddTestAccess()
            .ConfigureHttpJsonOptions(o => o.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default));
        var app = builder.Build();
        app.UseTrustedProxies(options);
        app.Use(WebDefences.AddHeaders);
        app.UseRouting();
        app.UseAccess();
        app.MapGroup("/v1").MapAccess();
        app.MapSecurityText(options);
        app.MapGet("/seen", (HttpContext context, Server.Ports.ISessions sessions, TimeProvider time) =>
        {
            var now = time.GetUtcNow();
            SessionCookie.Begin(context, sessions, new Server.Ports.Session(null, "x", Grant.Anonymous, now, now, now));
            return $"{context.Request.Scheme} {context.Connection.RemoteIpAddress} {context.Request.Host}";
        }).OpenToAll("test");
        await app.StartAsync();
        return app;
    }
}
