using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Rest;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;
using static Facility.Tests.Integration.Stories.TestDevice;

namespace Facility.Tests.Integration.Stories;

/// <summary>Bad input to the real server over its own broker: a clear answer, nothing lost, and the process lives.</summary>
public sealed class BadInput
{
    private static readonly string Seeds = Path.Combine(RunningProgram.Root, "seeds/sites.json");
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task What_a_device_may_send_wrong_is_refused_or_set_aside_and_blocks_nothing()
    {
        using var folder = new TemporaryFolder();
        var (http, mqtt) = (Here.FreePort(), Here.FreePort());
        await using var server = await RunningProgram.ReadyServerAsync(http, "--data", folder["d"], "--sites", Seeds, "--mqtt-port", $"{mqtt}");
        using var api = Api.Client(http, folder["d"]);
        await using var device = await ConnectAsync(mqtt, "ratelaar", "ratelaar-01");
        var good = Event("main-door", "passage", "1");

        await device.SendAsync("this is not JSON");
        await device.SendAsync(device.Batch(1, good).Replace("\"v\":1", "\"v\":1,\"v\":1", StringComparison.Ordinal));
        await device.SendAsync(Encoding.UTF8.GetBytes(device.Batch(1, good)[..^2] + new string(' ', 1_000_000) + "]}"));
        await server.UntilAsync(() => Task.FromResult(device.Commands.Count >= 3), Soon);
        Assert.Equal(
            [RefusalReasons.NotJson, RefusalReasons.DuplicateKey, RefusalReasons.TooLarge],
            device.Commands.Select(c => c.Reason));
        Assert.Equal([(null, null), (device.Stream, 1L), (device.Stream, 1L)], device.Commands.Select(c => (c.Stream, c.Seq)));
        Assert.Equal(0, device.Acknowledged());

        // One batch with every kind of bad event in the middle of good ones.
        await device.SendAsync(
            1,
            good,
            Event("main-door", "passage", "0"),
            Event("main-door", "passage", "1.5"),
            Event("no-such-sensor", "passage", "1"),
            Event("main-door", "passage", "\"one\""),
            good);
        await server.UntilAsync(() => Task.FromResult(device.Acknowledged() == 6), Soon);

        await using var stranger = await ConnectAsync(mqtt, "nergens", "nergens-01");
        await stranger.SendAsync(1, good);
        await server.UntilAsync(() => Task.FromResult(stranger.Acknowledged() == 1), Soon);

        // A gap is answered with the present acknowledgement; the same batch again is acknowledged again and counts once.
        await device.SendAsync(9, good);
        await device.SendAsync(1, good, good);
        await device.SendAsync(7, good, good, good);
        await server.UntilAsync(() => Task.FromResult(device.Acknowledged() == 9), Soon);

        await server.UntilAsync(async () => (await PassagesAsync(api)) >= 5, Soon);
        Assert.Equal(5, await PassagesAsync(api));
        var devices = (await api.GetFromJsonAsync<DeviceList>("/v1/devices"))!.Devices;
        var known = devices.Single(d => d.Device == "ratelaar-01");
        Assert.Equal((4, 0), (known.SetAside, known.Lost));
        Assert.True(known.Refused >= 3);
        Assert.Equal(
            [RefusalReasons.TooLarge, RefusalReasons.DuplicateKey, RefusalReasons.NotJson], known.Refusals!.Select(r => r.Reason).Where(RefusalReasons.All.Contains).Distinct());
        Assert.All(known.Refusals!, r => Assert.True(r.Size > 0 && r.Detail.Length > 0));
        Assert.Equal(1, devices.Single(d => d.Device == "nergens-01").SetAside);
        Assert.False(server.HasExited);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task A_clock_that_says_an_impossible_year_stops_nothing()
    {
        using var folder = new TemporaryFolder();
        var (http, mqtt) = (Here.FreePort(), Here.FreePort());
        await using var server = await RunningProgram.ReadyServerAsync(http, "--data", folder["d"], "--sites", Seeds, "--mqtt-port", $"{mqtt}");
        using var api = Api.Client(http, folder["d"]);
        await using var device = await ConnectAsync(mqtt, "ratelaar", "ratelaar-01");
        await device.SendAsync(1, [.. new[] { "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z" }.Select(at =>
            $"\"at\":\"{at}\",\"sensor\":\"main-door\",\"kind\":\"passage\",\"value\":1")]);
        await server.UntilAsync(async () => await PassagesAsync(api) == 2, Soon);
        await server.UntilAsync(
            async () => (await api.GetFromJsonAsync<SiteOccupancy>("/v1/sites/ratelaar/occupancy"))!.Zones.Single(z => z.Zone == "site").Estimate == 2, Soon);
        Assert.Equal(0, await server.StopAsync());
    }

    [Theory]
    [InlineData("{", "JSON")]
    [InlineData("""{"sites":[{"id":"Rate Laar","name":"x","timeZone":"Europe/Amsterdam","capacity":5,"zones":[],"portals":[],"sensors":[]}]}""", "Rate Laar")]
    [InlineData("""{"sites":[{"id":"a","name":"x","timeZone":"Europe/Nergens","capacity":5,"zones":[{"id":"hall","name":"Hal"}],"portals":[],"sensors":[]}]}""", "Europe/Nergens")]
    [InlineData("""{"sites":[{"id":"a","name":"x","timeZone":"Europe/Amsterdam","capacity":-5,"zones":[{"id":"hall","name":"Hal"}],"portals":[],"sensors":[]}]}""", "capacity")]
    [InlineData("""{"sites":[{"id":"a","name":"x","timeZone":"Europe/Amsterdam","capacity":5,"zones":[{"id":"hall","name":"Hal"}],"portals":[{"id":"p","sensor":"d","from":"outside","to":"zolder"}],"sensors":[{"id":"d","device":"a-01","kind":"passage"}]}]}""", "zolder")]
    public async Task A_broken_sites_file_is_refused_at_start_with_the_place(string json, string names)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["sites.json"], json);
        await using var server = RunningProgram.Server(
            "--urls", $"http://127.0.0.1:{Here.FreePort()}", "--mqtt-port", $"{Here.FreePort()}", "--data", folder["d"], "--sites", folder["sites.json"]);
        Assert.NotEqual(0, await server.ExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains(names, server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_port_in_use_is_named(bool mqtt)
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await using var server = RunningProgram.Server(
            "--urls", $"http://127.0.0.1:{(mqtt ? Here.FreePort() : port)}", "--mqtt-port", $"{(mqtt ? port : Here.FreePort())}", "--data", folder["d"], "--sites", Seeds);
        Assert.NotEqual(0, await server.ExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains(port.ToString(System.Globalization.CultureInfo.InvariantCulture), server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_that_a_running_server_has_are_given_to_no_other()
    {
        using var folder = new TemporaryFolder();
        await using var first = await RunningProgram.ReadyServerAsync(
            Here.FreePort(), "--data", folder["d"], "--sites", Seeds, "--mqtt-port", $"{Here.FreePort()}");
        await using var second = RunningProgram.Server(
            "--urls", $"http://127.0.0.1:{Here.FreePort()}", "--mqtt-port", $"{Here.FreePort()}", "--data", folder["d"], "--sites", Seeds);
        await using var import = RunningProgram.Server("sites", "import", Seeds, "--data", folder["d"]);
        foreach (var program in new[] { second, import })
        {
            Assert.NotEqual(0, await program.ExitAsync(TimeSpan.FromSeconds(30)));
            Assert.Contains("is used by another facility-server", program.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_export_from_a_folder_without_a_journal_says_so_and_leaves_nothing_there()
    {
        using var folder = new TemporaryFolder();
        await using var export = RunningProgram.Server("sites", "export", "-", "--data", folder["typo"]);
        Assert.Equal(2, await export.ExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains($"there is no {folder["typo/journal.db"]}", export.Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["typo"]));
    }

    [Theory]
    [InlineData("--urls", "garbage")]
    [InlineData("--urls", "https://localhost:8443")]
    [InlineData("--mqtt-port", "99999")]
    [InlineData("--series", "ftp://localhost")]
    public async Task An_option_that_cannot_be_is_named(string option, string value)
    {
        await using var server = RunningProgram.Server(option, value);
        Assert.Equal(2, await server.ExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains($"{option} {value} is not allowed", server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_InfluxDB_that_is_not_there_holds_up_nothing_but_the_time_series()
    {
        using var folder = new TemporaryFolder();
        var (http, mqtt) = (Here.FreePort(), Here.FreePort());
        await using var server = await RunningProgram.ReadyServerAsync(
            http, "--data", folder["d"], "--sites", Seeds, "--mqtt-port", $"{mqtt}", "--series", $"http://127.0.0.1:{Here.FreePort()}");
        using var api = Api.Client(http, folder["d"]);
        await using var device = await ConnectAsync(mqtt, "ratelaar", "ratelaar-01");
        await device.SendAsync(1, Event("main-door", "passage", "3"));
        await server.UntilAsync(() => Task.FromResult(device.Acknowledged() == 1), Soon);
        await server.UntilAsync(
            async () => (await api.GetFromJsonAsync<SiteOccupancy>("/v1/sites/ratelaar/occupancy"))!.Zones.Single(z => z.Zone == "site").Estimate == 3, Soon);
        var answer = await api.GetAsync("/v1/sites/ratelaar/passages?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&interval=PT1H");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains("InfluxDB", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_at_start_is_told_in_one_clear_message()
    {
        using var folder = new TemporaryFolder();
        await using var disk = await SmallDisk.MountAsync(folder["disk"], "64k");
        await disk.FillAsync();
        await using var server = RunningProgram.Server(
            "--urls", $"http://127.0.0.1:{Here.FreePort()}", "--mqtt-port", $"{Here.FreePort()}", "--data", folder["disk/server"], "--sites", Seeds);
        Assert.NotEqual(0, await server.ExitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("disk", server.Output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("   at ", server.Output, StringComparison.Ordinal);
    }

    private static async Task<int> PassagesAsync(HttpClient api)
    {
        var now = DateTimeOffset.UtcNow;
        string At(double hours) => Uri.EscapeDataString(Facility.Contracts.Rfc3339.Format(now.AddHours(hours)));
        var history = await api.GetFromJsonAsync<PassageHistory>($"/v1/sites/ratelaar/passages?from={At(-2)}&to={At(2)}&interval=PT1H");
        return history!.Points.Sum(p => p.In);
    }
}
