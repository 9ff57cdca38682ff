using Facility.Edge;
using Microsoft.Extensions.Hosting.Systemd;
using Microsoft.Extensions.Time.Testing;

namespace Facility.Tests.Unit.Edge;

public sealed class WatchdogTests
{
    [Fact]
    public async Task Only_a_pipeline_that_goes_round_is_vouched_for()
    {
        var (time, systemd, turns) = (new FakeTimeProvider(), new Told(), 1L);
        using var watchdog = new Watchdog(TimeSpan.FromSeconds(30), () => turns, systemd, time);
        await watchdog.StartAsync(TestContext.Current.CancellationToken);

        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["WATCHDOG=1"], systemd.States);
        turns = 5;
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(2, systemd.States.Count);

        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(2, systemd.States.Count);
        turns = 6;
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(3, systemd.States.Count);

        await watchdog.StopAsync(TestContext.Current.CancellationToken);
        turns = 7;
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(3, systemd.States.Count);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("12000000", 12.0)]
    [InlineData("30000000", 30.0)]
    public void The_limit_is_what_systemd_says(string? said, double? seconds) => Assert.Equal(seconds, Watchdog.LimitFrom(said)?.TotalSeconds);

    [Theory]
    [InlineData("11999999")]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("99999999999999999999")]
    public void A_limit_that_a_pipeline_at_rest_would_miss_is_refused(string said) =>
        Assert.Contains("allowed is 12000000", Assert.Throws<StartException>(() => Watchdog.LimitFrom(said)).Message, StringComparison.Ordinal);

    private sealed class Told : ISystemdNotifier
    {
        public List<string> States { get; } = [];

        public bool IsEnabled => true;

        public void Notify(ServiceState state) => States.Add(state.ToString());
    }
}
