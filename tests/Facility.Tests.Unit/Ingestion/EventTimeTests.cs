using Facility.Contracts.Mqtt;
using Facility.Domain.Ingestion;

namespace Facility.Tests.Unit.Ingestion;

public class EventTimeTests
{
    private static readonly DateTimeOffset Received = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2005-07-24T08:00:00Z", true, "2005-07-24T08:00:00Z", true)]
    [InlineData("2027-01-01T00:00:00Z", true, "2027-01-01T00:00:00Z", true)]
    [InlineData("1970-01-01T00:00:10Z", false, "2026-11-24T08:59:50Z", false)]
    [InlineData("0001-01-01T00:00:00Z", true, "2026-11-24T09:00:00Z", false)]
    [InlineData("9999-12-31T23:59:59Z", true, "2026-11-24T09:00:00Z", false)]
    [InlineData("9999-12-31T23:59:59Z", false, "2026-11-24T09:00:00Z", false)]
    public void The_time_is_the_devices_where_its_clock_can_be_believed(string at, bool synced, string journaled, bool certain)
    {
        var e = new DeviceEvent(1, DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture), "main-door", EventKinds.Passage, 1);
        var sentAt = new DateTimeOffset(1970, 1, 1, 0, 0, 20, TimeSpan.Zero);
        Assert.Equal(
            (DateTimeOffset.Parse(journaled, System.Globalization.CultureInfo.InvariantCulture), certain),
            EventTime.Of(e, synced, sentAt, Received));
    }
}
