using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Devices;

/// <summary>A device's life with the real programs: claim, join, publish, renew, revoked, cut, and joined again; at the embedded broker.</summary>
public sealed class DeviceStory : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(90);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task From_its_claim_until_it_is_lost_and_found()
    {
        var (http, tls) = (Here.FreePort(), Here.FreePort());

        // Certificates of two minutes: each is due as soon as it is used.
        await using var server = await RunningProgram.ReadyServerAsync(
            http, "--data", _folder["server"], "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{Here.FreePort()}",
            "--mqtt-tls-port", $"{tls}", "--device-certificate-days", "0.0015");
        using var api = Api.Client(http, _folder["server"]);
        await File.WriteAllTextAsync(_folder["edge.json"], await File.ReadAllTextAsync(Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json")));

        await JoinAsync(await ClaimAsync(api), http, 0);
        Assert.True(OperatingSystem.IsWindows() || File.GetUnixFileMode(_folder["edge/device.pem"]) == (UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.Equal($"mqtts://127.0.0.1:{tls}", JsonNode.Parse(await File.ReadAllTextAsync(_folder["edge.json"]))!["broker"]!["url"]!.GetValue<string>());
        var first = await File.ReadAllTextAsync(_folder["edge/device.pem"]);

        await using var edge = Edge();
        await edge.UntilOutputAsync("A newer certificate is on disk", Soon);
        await edge.WriteLineAsync("aed-door 1");
        await edge.UntilAsync(async () => (await DeviceAsync(api))["streams"]!.AsArray().Any(s => s!["acknowledged"]!.GetValue<long>() > 0), Soon);
        Assert.NotEqual(first, await File.ReadAllTextAsync(_folder["edge/device.pem"]));
        await edge.UntilAsync(async () => (await DeviceAsync(api))["identity"] is { } identity && identity["inUse"]!.GetValue<bool>(), Soon);

        // The old one has ended.
        await File.WriteAllTextAsync(_folder["old.pem"], first);
        await edge.UntilAsync(async () => !await ComesInAsync(_folder["old.pem"]), Soon);

        using var named = await api.PutAsJsonAsync("/v1/devices/ratelaar-01", new { name = "Kastje in de hal" });
        Assert.Equal("Kastje in de hal", (await DeviceAsync(api))["name"]!.GetValue<string>());
        using var command = await api.PostAsJsonAsync("/v1/devices/ratelaar-01/command", new { command = "identify" });
        await edge.UntilOutputAsync("This is ratelaar-01, asked to identify itself", Soon);

        var began = DateTime.UtcNow;
        using var revoked = await api.PostAsJsonAsync("/v1/devices/ratelaar-01/revocation", new { });
        revoked.EnsureSuccessStatusCode();
        await edge.UntilOutputAsync("the connection ended", Soon);
        TestContext.Current.TestOutputHelper!.WriteLine($"cut after {(DateTime.UtcNow - began).TotalSeconds:0.0} s");
        Assert.InRange(DateTime.UtcNow - began, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        Assert.False(await ComesInAsync(_folder["edge/device.pem"]));
        await edge.StopAsync();

        await JoinAsync(await ClaimAsync(api), http, 0);
        await using var again = Edge();
        await again.UntilOutputAsync("Connected to", Soon);
    }

    [Fact]
    public async Task What_is_wrong_with_a_join_is_told_and_changes_nothing()
    {
        var http = Here.FreePort();
        await using var server = await RunningProgram.ReadyServerAsync(
            http, "--data", _folder["server"], "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{Here.FreePort()}", "--mqtt-tls-port", $"{Here.FreePort()}");
        using var api = Api.Client(http, _folder["server"]);
        await File.WriteAllTextAsync(_folder["edge.json"], "{}");
        Assert.Contains("there is no such code", await JoinAsync("0000-0000", http, 2), StringComparison.Ordinal);
        await using var clear = RunningProgram.Edge("join", "--server", "http://192.0.2.1", "--code", "0000-0000", "--data", _folder["edge"]);
        Assert.Equal(2, await clear.ExitAsync(Soon));
        Assert.Contains("is in the clear", clear.Output, StringComparison.Ordinal);
        Assert.Equal("{}", await File.ReadAllTextAsync(_folder["edge.json"]));
        Assert.False(File.Exists(_folder["edge/device.pem"]));

        using var other = await api.PostAsJsonAsync("/v1/device-claims", new { site = "ratelaar", device = "galecop-01" });
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, other.StatusCode);
        HttpResponseMessage? guess = null;
        for (var i = 0; i < 12 && guess?.StatusCode != System.Net.HttpStatusCode.TooManyRequests; i++)
        {
            guess?.Dispose();
            guess = await api.PostAsJsonAsync("/v1/device-claims/1111-1111/certificate", new { request = "x" });
        }

        Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, guess!.StatusCode);
        Assert.InRange(guess.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        guess.Dispose();
    }

    private static async Task<string> ClaimAsync(HttpClient api)
    {
        using var made = await api.PostAsJsonAsync("/v1/device-claims", new { site = "ratelaar", device = "ratelaar-01" });
        Assert.Equal(System.Net.HttpStatusCode.Created, made.StatusCode);
        return JsonNode.Parse(await made.Content.ReadAsStringAsync())!["code"]!.GetValue<string>();
    }

    private static async Task<JsonNode> DeviceAsync(HttpClient api) =>
        JsonNode.Parse(await api.GetStringAsync("/v1/devices"))!["devices"]!.AsArray().Single(d => d!["device"]!.GetValue<string>() == "ratelaar-01")!;

    private async Task<string> JoinAsync(string code, int http, int exit)
    {
        await using var join = RunningProgram.Edge(
            "join", "--server", $"http://127.0.0.1:{http}", "--code", code, "--config", _folder["edge.json"], "--data", _folder["edge"]);
        Assert.Equal(exit, await join.ExitAsync(Soon));
        return join.Output;
    }

    private RunningProgram Edge() => RunningProgram.Edge("--config", _folder["edge.json"], "--data", _folder["edge"], "--simulate", "--stdin");

    private async Task<bool> ComesInAsync(string identity)
    {
        var config = JsonNode.Parse(await File.ReadAllTextAsync(_folder["edge.json"]))!;
        config["broker"]!["certificateFile"] = identity;
        config["broker"]!["keyFile"] = identity;
        await File.WriteAllTextAsync(_folder["check.json"], config.ToJsonString());
        await using var check = RunningProgram.Edge("check", "--config", _folder["check.json"], "--simulate", "--once");
        return await check.ExitAsync(Soon) == 0;
    }
}
