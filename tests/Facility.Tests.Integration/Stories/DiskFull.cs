using System.Net;
using System.Text;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;
using static Facility.Tests.Integration.Stories.TestDevice;

namespace Facility.Tests.Integration.Stories;

/// <summary>The server's disk fills while it runs: nothing is acknowledged that is not on it, alarms have room kept for them, and all goes on when there is space again.</summary>
public sealed class DiskFull
{
    private const int MostBatches = 400;
    private const int Alarms = 100;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_disk_that_fills_holds_up_acknowledgements_but_not_of_alarms_and_loses_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var disk = await SmallDisk.MountAsync(folder["disk"], "48m");
        var (http, mqtt) = (Here.FreePort(), Here.FreePort());
        await using var server = await RunningProgram.ReadyServerAsync(
            http, "--data", folder["disk/server"], "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{mqtt}");
        using var api = Api.Client(http, folder["disk/server"]);
        await using var device = await ConnectAsync(mqtt, "ratelaar", "ratelaar-01");
        await device.SendAsync(1, Event("main-door", "passage", "1"));
        await server.UntilAsync(() => Task.FromResult(device.Acknowledged() == 1), Soon);

        await disk.FillAsync();

        // SQLite goes on within the files that it has; large batches fill these soon.
        var note = $",\"note\":\"{new string('x', 50_000)}\"";
        var sent = 1;
        while (device.Acknowledged() == sent && sent < MostBatches)
        {
            sent++;
            await device.SendAsync(device.Batch(sent, Event("main-door", "passage", "1")).Replace(",\"events\"", note + ",\"events\"", StringComparison.Ordinal));
            await server.UntilAsync(async () => device.Acknowledged() == sent || !(await api.GetAsync("/health/ready")).IsSuccessStatusCode, Soon);
        }

        using var ready = await api.GetAsync("/health/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("journal", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("Is the disk full?", server.Output, StringComparison.Ordinal);
        Assert.Equal(sent - 1, device.Acknowledged());
        Assert.False(server.HasExited);

        // Room is kept for urgent events: not a byte is left, and an alarm is on disk all the same.
        await disk.FillAsync();
        var urgent = Guid.NewGuid();
        for (var seq = 1; seq <= Alarms; seq++)
        {
            await device.SendAsync(Encoding.UTF8.GetBytes(Doors.Batch(urgent, 1, Doors.Event(seq, "fire-panel", "alarm", $"{seq % 2}"))), urgent: true);
            var last = seq;
            await server.UntilAsync(() => Task.FromResult(device.Acknowledged(urgent) == last), Soon);
        }

        Assert.Equal(sent - 1, device.Acknowledged());

        disk.Free();
        await server.UntilAsync(() => Task.FromResult(device.Acknowledged() == sent), Soon);
        await server.UntilAsync(async () => (await api.GetAsync("/health/ready")).IsSuccessStatusCode, Soon);
        await server.UntilAsync(async () => await Ratelaar.PassagesAsync(api) == sent && await Ratelaar.HoldsAsync(api, sent), Soon);
        Assert.Equal(0, await server.StopAsync());
    }

    [Fact]
    public async Task A_server_that_starts_on_a_full_disk_has_the_room_that_is_kept_for_alarms()
    {
        using var folder = new TemporaryFolder();
        await using var disk = await SmallDisk.MountAsync(folder["disk"], "48m");
        var (http, mqtt) = (Here.FreePort(), Here.FreePort());
        string[] options = ["--data", folder["disk/server"], "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"), "--mqtt-port", $"{mqtt}"];
        await using (var before = await RunningProgram.ReadyServerAsync(http, options))
        {
            await using var first = await ConnectAsync(mqtt, "ratelaar", "ratelaar-01");
            await first.SendAsync(1, Event("main-door", "passage", "1"));
            await before.UntilAsync(() => Task.FromResult(first.Acknowledged() == 1), Soon);
            Assert.Equal(0, await before.StopAsync());
        }

        await disk.FillAsync();
        await using var server = RunningProgram.Server(["--urls", $"http://127.0.0.1:{http}", .. options]);
        await server.UntilAsync(() => Task.FromResult(server.Output.Contains("Connected to the broker", StringComparison.Ordinal)), Soon);
        await disk.FillAsync();
        await using var device = await ConnectAsync(mqtt, "ratelaar", "ratelaar-01");
        var urgent = Guid.NewGuid();
        for (var seq = 1; seq <= Alarms; seq++)
        {
            await device.SendAsync(Encoding.UTF8.GetBytes(Doors.Batch(urgent, 1, Doors.Event(seq, "fire-panel", "alarm", $"{seq % 2}"))), urgent: true);
            var last = seq;
            await server.UntilAsync(() => Task.FromResult(device.Acknowledged(urgent) == last), Soon);
        }

        Assert.False(server.HasExited);
    }
}
