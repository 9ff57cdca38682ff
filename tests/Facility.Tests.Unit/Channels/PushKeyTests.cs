using System.Buffers.Text;
using System.Net;
using System.Text.Json;
using Facility.Domain.OnCall;
using Facility.Server.Adapters.Channels;
using Facility.Server.Api;
using Facility.Server.Ports;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Channels;

/// <summary>The key that browsers subscribe with: made once, kept, and told to who asks.</summary>
public sealed class PushKeyTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("facility-push-").FullName;
    private readonly FakeTimeProvider time = new(new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    private readonly HttpClient http = new();

    private static Message Drill => new("d-1", null, "anna", "push", "{}", "t", "x", null, true, "nl");

    private string File => Path.Combine(folder, "vapid.pem");

    public void Dispose()
    {
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_key_is_made_at_the_first_start_for_its_user_alone_and_is_the_same_after_the_next()
    {
        using var first = Open();
        Assert.Null(first.Problem);
        Assert.Equal(65, Base64Url.DecodeFromChars(first.PublicKey).Length);
        Assert.Equal([File], Directory.GetFiles(folder));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(File));
        }

        using var second = Open();
        Assert.Equal(first.PublicKey, second.PublicKey);
    }

    [Fact]
    public void A_start_that_was_killed_while_it_made_the_key_leaves_the_next_one_free_to_make_it()
    {
        System.IO.File.WriteAllText(File + ".new", "-----BEGIN PRIV");
        using var push = Open();
        Assert.NotNull(push.PublicKey);
        Assert.Equal([File], Directory.GetFiles(folder));
    }

    [Theory]
    [InlineData("")]
    [InlineData("not a key")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    [InlineData("another curve")]
    [InlineData("the public half")]
    public async Task A_damaged_key_is_never_replaced_and_the_channel_says_so(string content)
    {
        using var other = System.Security.Cryptography.ECDsa.Create(
            content == "another curve" ? System.Security.Cryptography.ECCurve.NamedCurves.nistP384 : System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        content = content switch
        {
            "another curve" => other.ExportPkcs8PrivateKeyPem(),
            "the public half" => other.ExportSubjectPublicKeyInfoPem(),
            _ => content,
        };
        System.IO.File.WriteAllText(File, content);
        using var push = Open();
        Assert.Null(push.PublicKey);
        Assert.Contains("Put it back from a backup", push.Problem, StringComparison.Ordinal);
        Assert.Equal(new SendAnswer(SendOutcome.Refused, push.Problem!), await push.SendAsync(Drill, TestContext.Current.CancellationToken));
        Assert.Equal(content, System.IO.File.ReadAllText(File));
    }

    [Fact]
    public async Task The_API_tells_the_key_or_how_push_is_configured()
    {
        using var push = Open();
        var (status, body) = await AskAsync(push, "/v1/push-key");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(push.PublicKey, body.GetProperty("key").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(push, "/v1/push-key?for=me")).Status);

        using var without = new WebPush(File, null, http, time);
        (status, body) = await AskAsync(without, "/v1/push-key");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("--push-contact", body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("--push-contact", without.Refusal("{}"), StringComparison.Ordinal);
        var answer = await without.SendAsync(Drill, TestContext.Current.CancellationToken);
        Assert.Equal(new SendAnswer(SendOutcome.Refused, without.Problem!), answer);

        // A watch elsewhere has no key of the server, and says so before it is needed.
        using var elsewhere = new WebPush(null, "mailto:piket@example.org", http, time);
        Assert.Contains("give another channel", elsewhere.Refusal("{}"), StringComparison.Ordinal);
    }

    private WebPush Open() => new(File, "mailto:piket@example.org", http, time);

    private async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(IPushKey push, string path)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        builder.Services.AddSingleton(push).AddSingleton<TimeProvider>(time);
        await using var app = builder.Build();
        app.MapGroup("/v1").MapPush();
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return (answer.StatusCode, JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }
}
