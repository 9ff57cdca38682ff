using Facility.Contracts.Mqtt;
using Facility.Domain.Ingestion;
using Facility.Domain.Places;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Ingestion;

public class AdmissionTests
{
    private static readonly SitePlan Plan = new(Seeds.Ratelaar);

    [Theory]
    [InlineData("ratelaar-01", "main-door", EventKinds.Passage, SetAside.None)]
    [InlineData("ratelaar-01", "main-door", EventKinds.Fault, SetAside.None)]
    [InlineData("ratelaar-01", "main-door", "humidity", SetAside.None)]
    [InlineData("ratelaar-01", "", EventKinds.Lost, SetAside.None)]
    [InlineData("ratelaar-01", "no-such-sensor", EventKinds.Lost, SetAside.None)]
    [InlineData("ratelaar-01", "main-door", EventKinds.Presence, SetAside.KindOfAnotherSensor)]
    [InlineData("ratelaar-01", "no-such-sensor", EventKinds.Passage, SetAside.UnknownSensor)]
    [InlineData("ratelaar-01", "no-such-sensor", EventKinds.Fault, SetAside.UnknownSensor)]
    [InlineData("batau-01", "main-door", EventKinds.Passage, SetAside.UnknownDevice)]
    [InlineData("batau-01", "", EventKinds.Lost, SetAside.UnknownDevice)]
    public void An_event_counts_or_is_set_aside_for_a_stated_reason(string device, string sensor, string kind, SetAside expected) =>
        Assert.Equal(expected, Admission.Check(Plan, device, Event(sensor, kind)));

    [Theory]
    [InlineData(EventKinds.Passage)]
    [InlineData(EventKinds.Lost)]
    public void Of_a_site_that_is_not_known_nothing_counts(string kind) =>
        Assert.Equal(SetAside.UnknownSite, Admission.Check(null, "ratelaar-01", Event("main-door", kind)));

    [Theory]
    [InlineData(SetAside.BadValue)]
    [InlineData(SetAside.BadTime)]
    [InlineData(SetAside.BadSensor)]
    [InlineData(SetAside.BadKind)]
    public void What_the_reader_found_wrong_comes_first(SetAside problem)
    {
        var e = Event("no-such-sensor", EventKinds.Passage) with { Problem = problem };
        Assert.Equal(problem, Admission.Check(Plan, "ratelaar-01", e));
        Assert.Equal(problem, Admission.Check(null, "nobody", e));
    }

    [Fact]
    public void A_sensor_is_its_own_devices_alone()
    {
        var sensors = Seeds.Ratelaar.Sensors.Select((s, i) => i == 0 ? s with { Device = "ratelaar-02" } : s).ToList();
        var plan = new SitePlan(Seeds.Ratelaar with { Sensors = sensors });
        var e = Event(sensors[0].Id, sensors[0].Kind);
        Assert.Equal(SetAside.SensorOfAnotherDevice, Admission.Check(plan, "ratelaar-01", e));
        Assert.Equal(SetAside.None, Admission.Check(plan, "ratelaar-02", e));
    }

    private static DeviceEvent Event(string sensor, string kind) =>
        new(1, new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero), sensor, kind, 1);
}
