using Facility.Contracts.Mqtt;
using Facility.Domain.Devices;
using Facility.Tests.Unit.Places;

namespace Facility.Tests.Unit.Devices;

/// <summary>Who may write and read which topic: every topic, for each who is at the broker. mosquitto's ACL says the same.</summary>
public sealed class TopicRightsTests
{
    private const string Stream = "7f3b1c52-9a5e-4c0a-8a39-0c6f6b1f0c11";
    private static readonly TopicRights Rights = new(new Topics(), device => device is "ratelaar-01" or "galecop-01");
    private static readonly Visitor Device = new(VisitorKind.Device, "ratelaar", "ratelaar-01", "01");
    private static readonly Visitor Elsewhere = new(VisitorKind.Device, null, "ratelaar-01", "01");
    private static readonly Visitor Local = new(VisitorKind.Local);
    private static readonly Visitor Server = new(VisitorKind.Server);

    // Topic; whether ratelaar-01, the same with a certificate that names no site, a program of the machine, and the server may write it; mosquitto's word for a device.
    public static TheoryData<string, bool, bool, bool, bool> Written() => new()
    {
        { "facility/v1/ratelaar/ratelaar-01/urgent", true, true, false, true },
        { "facility/v1/ratelaar/ratelaar-01/events", true, true, false, true },
        { "facility/v1/ratelaar/ratelaar-01/status", true, true, false, true },
        { "facility/v1/ratelaar/ratelaar-01/renewal", true, true, false, true },
        { "facility/v1/galecop/ratelaar-01/events", false, true, false, true },
        { "facility/v1/galecop/galecop-01/events", false, false, false, true },
        { "facility/v1/batau/batau-01/events", false, false, true, true },
        { "facility/v1/batau/Batau-01/events", false, false, false, true },
        { $"facility/v1/ratelaar/ratelaar-01/ack/{Stream}", false, false, false, true },
        { "facility/v1/ratelaar/ratelaar-01/command", false, false, false, true },
        { $"facility/v1/batau/batau-01/ack/{Stream}", false, false, false, true },
        { "facility/v1/batau/batau-01/command", false, false, false, true },
        { "facility/v1/ratelaar/ratelaar-01/other", false, false, false, true },
        { "facility/v1/ratelaar", false, false, false, true },
        { "facility/v1", false, false, false, true },
        { "homeassistant/device/ratelaar-01/config", true, true, false, true },
        { "homeassistant/device/galecop-01/config", false, false, false, true },
        { "homeassistant/device/batau-01/config", false, false, true, true },
        { "homeassistant/device/ratelaar-01/other", false, false, false, true },
        { "facility/piket/ratelaar-01", false, false, true, true },
        { "elsewhere", false, false, true, true },
    };

    [Theory]
    [MemberData(nameof(Written))]
    public void Written_is(string topic, bool device, bool noSite, bool local, bool server) => Assert.Equal(
        (device, noSite, local, server), (Rights.MayPublish(Device, topic), Rights.MayPublish(Elsewhere, topic), Rights.MayPublish(Local, topic), Rights.MayPublish(Server, topic)));

    [Theory]
    [InlineData("facility/v1/ratelaar/ratelaar-01/ack/+", true)]
    [InlineData("facility/v1/ratelaar/ratelaar-01/ack/#", true)]
    [InlineData("facility/v1/ratelaar/ratelaar-01/ack/" + Stream, true)]
    [InlineData("facility/v1/ratelaar/ratelaar-01/command", true)]
    [InlineData("homeassistant/device/ratelaar-01/config", true)]
    [InlineData("facility/piket/ratelaar-01", true)]
    [InlineData("facility/v1/galecop/ratelaar-01/command", false)]
    [InlineData("facility/v1/galecop/galecop-01/command", false)]
    [InlineData("facility/v1/+/ratelaar-01/command", false)]
    [InlineData("facility/v1/ratelaar/+/command", false)]
    [InlineData("facility/v1/ratelaar/ratelaar-01/events", false)]
    [InlineData("facility/v1/ratelaar/ratelaar-01/#", false)]
    [InlineData("facility/v1/#", false)]
    [InlineData("#", false)]
    [InlineData("+/+/ratelaar/ratelaar-01/command", false)]
    [InlineData("$share/a/facility/v1/ratelaar/ratelaar-01/command", false)]
    [InlineData("$SYS/#", false)]
    [InlineData("facility/piket/#", false)]
    [InlineData("homeassistant/#", false)]
    public void A_device_reads_what_is_said_to_it_and_nothing_else(string filter, bool may)
    {
        Assert.Equal(may, Rights.MayRead(Device, filter));
        Assert.True(Rights.MayRead(Local, filter) && Rights.MayRead(Server, filter));
    }

    [Theory]
    [InlineData("facility-ratelaar-01", true, false, false)]
    [InlineData("facility-ratelaar-01-check", true, false, false)]
    [InlineData("ratelaar-01", true, false, false)]
    [InlineData("facility-galecop-01", false, false, false)]
    [InlineData("galecop-01", false, false, false)]
    [InlineData("facility-batau-01", false, true, false)]
    [InlineData("look", false, true, false)]
    [InlineData("facility-server", false, false, true)]
    [InlineData("facility-server-urgent", false, false, true)]
    public void A_client_id_is_for_whom_it_names(string id, bool device, bool local, bool server) => Assert.Equal(
        (device, local, server),
        (Rights.MayBeCalled(Device, id, "facility-server"), Rights.MayBeCalled(Local, id, "facility-server"), Rights.MayBeCalled(Server, id, "facility-server")));

    [Theory]
    [InlineData("ca", true)]
    [InlineData("broker", true)]
    [InlineData("facility-server", true)]
    [InlineData("server-1", true)]
    [InlineData("ratelaar-01", false)]
    public void Some_ids_are_not_for_devices(string device, bool reserved) => Assert.Equal(reserved, TopicRights.IsReserved(device));

    [Fact]
    public void Mosquittos_ACL_gives_a_device_the_same()
    {
        var lines = File.ReadAllLines(Path.Combine(Seeds.Folder, "../deploy/broker/acl")).Where(l => l.StartsWith("pattern ", StringComparison.Ordinal))
            .Select(l => l.Split(' ')).Select(l => (Right: l[1], Topic: l[2].Replace("%u", "ratelaar-01", StringComparison.Ordinal))).ToList();
        bool Matches(string filter, string topic)
        {
            var (f, t) = (filter.Split('/'), topic.Split('/'));
            return f[^1] == "#" ? t.Length >= f.Length && f[..^1].Zip(t).All(p => p.First == "+" || p.First == p.Second)
                : f.Length == t.Length && f.Zip(t).All(p => p.First == "+" || p.First == p.Second);
        }

        foreach (var (topic, _, device, _, _) in Written().Select(r => r.Data))
        {
            Assert.Equal((topic, device), (topic, lines.Any(l => l.Right is "write" or "readwrite" && Matches(l.Topic, topic))));
        }
    }
}
