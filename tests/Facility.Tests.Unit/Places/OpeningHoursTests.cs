using Facility.Contracts.Places;
using Facility.Domain.Places;

namespace Facility.Tests.Unit.Places;

public sealed class OpeningHoursTests
{
    private static readonly Site Bar = new("bar", "Bar", "Europe/Amsterdam", 10, [], [], [],
        OpeningHours: new Dictionary<string, IReadOnlyList<string>> { ["sat"] = ["20:00-02:00"], ["mon"] = ["09:00-24:00"] },
        ClosedOn: [new DateOnly(2026, 11, 28)]);

    [Theory]
    [InlineData("2026-11-21T20:30:00+01:00", true)]
    [InlineData("2026-11-22T01:59:00+01:00", true)]
    [InlineData("2026-11-22T02:00:00+01:00", false)]
    [InlineData("2026-11-21T19:59:00+01:00", false)]
    [InlineData("2026-11-28T21:00:00+01:00", false)]
    [InlineData("2026-11-29T01:00:00+01:00", false)]
    [InlineData("2026-11-23T23:59:00+01:00", true)]
    [InlineData("2026-07-06T07:00:00Z", true)]
    [InlineData("2026-11-23T07:30:00Z", false)]
    public void Hours_are_local_and_a_span_past_midnight_is_of_its_evening(string at, bool open) =>
        Assert.Equal(open, OpeningHours.IsOpen(Bar, DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture)));
}
