using System.Collections;
using System.Globalization;
using Facility.Contracts.Live;
using Facility.Contracts.Rest;
using Facility.Dashboard;
using Facility.Dashboard.Live;

namespace Facility.Tests.Unit.Dashboard;

public sealed class LiveStateTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_newer_version_replaces_an_older_one_and_never_the_reverse()
    {
        var state = LiveState.Empty.Apply(Busy(5, 48)).Apply(Busy(4, 1));
        Assert.Equal(48, state.WholeSite("ratelaar")?.Estimate);
        Assert.Equal(51, state.Apply(Busy(6, 51)).WholeSite("ratelaar")?.Estimate);
    }

    [Fact]
    public void A_push_that_overtook_the_snapshot_stays() =>
        Assert.Equal(48, LiveState.Empty.Apply(Busy(5, 48)).Apply(new Snapshot([Busy(4, 1)], [], [])).WholeSite("ratelaar")?.Estimate);

    [Fact]
    public void After_a_lost_connection_a_restored_server_with_lower_versions_is_believed()
    {
        var state = LiveState.Empty.Apply(Busy(5, 48)).Disconnected();
        Assert.Equal(48, state.WholeSite("ratelaar")?.Estimate);
        Assert.Equal(7, state.Apply(new Snapshot([Busy(1, 7)], [], [])).WholeSite("ratelaar")?.Estimate);
    }

    [Fact]
    public void Stale_since_is_when_the_longest_silent_device_was_heard()
    {
        var state = LiveState.Empty.Apply(Device("a", "online", At.AddHours(-9))).Apply(Device("b", "silent", At)).Apply(Device("c", "offline", At.AddHours(-1)));
        Assert.Equal(At.AddHours(-1), state.StaleSince("ratelaar"));
    }

    [Fact]
    public void Both_languages_have_the_same_texts() =>
        Assert.Equal(Keys(CultureInfo.InvariantCulture), Keys(CultureInfo.GetCultureInfo("en")));

    private static string[] Keys(CultureInfo culture) =>
        [.. Words.Resources.GetResourceSet(culture, true, false)!.Cast<DictionaryEntry>().Select(entry => (string)entry.Key).Order(StringComparer.Ordinal)];

    private static SiteOccupancy Busy(long version, int people) =>
        new("ratelaar", At, version, [new("site", people, people, people, 250, true, false)]);

    private static DeviceState Device(string id, string state, DateTimeOffset seen) => new(id, "ratelaar", state, seen, false, 0, 0, 0, []);
}
