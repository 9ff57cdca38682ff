using Facility.Edge;
using Facility.Edge.Adapters;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Edge;

public sealed class ActivityLedTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("leds").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_light_blinks_and_its_trigger_is_put_back()
    {
        var led = Directory.CreateDirectory(Path.Combine(_folder, "ACT")).FullName;
        File.WriteAllText(Path.Combine(led, "trigger"), "none rc-feedback [mmc0] timer\n");
        var time = new FakeTimeProvider();
        var blinking = new ActivityLed(_folder, time).BlinkAsync(TimeSpan.FromSeconds(1));
        var seen = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal("none", File.ReadAllText(Path.Combine(led, "trigger")));
            seen.Add(File.ReadAllText(Path.Combine(led, "brightness")));
            time.Advance(TimeSpan.FromMilliseconds(250));
        }

        await blinking;
        Assert.Equal(["1", "0", "1", "0"], seen);
        Assert.Equal("mmc0", File.ReadAllText(Path.Combine(led, "trigger")));
    }

    [Fact]
    public async Task A_board_without_the_light_says_so()
    {
        var e = await Assert.ThrowsAsync<IOException>(() => new ActivityLed(_folder, TimeProvider.System).BlinkAsync(TimeSpan.FromSeconds(1)));
        Assert.Contains("there is no ACT or led0", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Systemd_hears_that_we_stop_but_not_that_we_begin_again()
    {
        var systemd = new Heard();
        var isReload = true;
        var notifier = new NotifierOverReloads(systemd, () => isReload);
        notifier.Notify(ServiceState.Ready);
        notifier.Notify(ServiceState.Stopping);
        isReload = false;
        notifier.Notify(ServiceState.Stopping);
        Assert.Equal(["READY=1", "STOPPING=1"], systemd.States);
    }

    private sealed class Heard : ISystemdNotifier
    {
        public List<string> States { get; } = [];

        public bool IsEnabled => true;

        public void Notify(ServiceState state) => States.Add(state.ToString());
    }
}
