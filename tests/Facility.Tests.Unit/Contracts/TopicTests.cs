using Facility.Contracts;
using Facility.Contracts.Mqtt;

namespace Facility.Tests.Unit.Contracts;

public sealed class TopicTests
{
    [Theory]
    [InlineData("facility/v1/ratelaar/ratelaar-01/urgent", TopicKind.Urgent)]
    [InlineData("facility/v1/ratelaar/ratelaar-01/events", TopicKind.Events)]
    [InlineData("facility/v1/ratelaar/ratelaar-01/status", TopicKind.Status)]
    [InlineData("facility/v1/ratelaar/ratelaar-01/command", TopicKind.Command)]
    [InlineData("facility/v1/ratelaar/ratelaar-01/ack/7f3b1c52-9a5e-4c0a-8a39-0c6f6b1f0c11", TopicKind.Ack)]
    public void A_topic_of_the_contract_is_read(string topic, TopicKind kind)
    {
        var read = new Topics().Parse(topic)!.Value;
        Assert.Equal(("ratelaar", "ratelaar-01", kind), (read.Site, read.Device, read.Kind));
    }

    [Theory]
    [InlineData("facility/v1")]
    [InlineData("facility/v1/a/b")]
    [InlineData("facility/v1/a/b/else")]
    [InlineData("facility/v1//b/events")]
    [InlineData("facility/v1/a/b/events/more")]
    [InlineData("facility/v1/a/b/ack/not-a-uuid")]
    [InlineData("facility/v12/a/b/events")]
    [InlineData("other/a/b/events")]
    public void Another_topic_is_none(string topic) => Assert.Null(new Topics().Parse(topic));

    [Fact]
    public void The_prefix_is_configurable() =>
        Assert.Equal(TopicKind.Events, new Topics("gemeente/teller").Parse(new Topics("gemeente/teller").Events("a", "b"))!.Value.Kind);

    [Theory]
    [InlineData("ratelaar", true)]
    [InlineData("hall-2", true)]
    [InlineData("2", true)]
    [InlineData("", false)]
    [InlineData("-a", false)]
    [InlineData("a-", false)]
    [InlineData("a--b", false)]
    [InlineData("Hal", false)]
    [InlineData("a b", false)]
    [InlineData("é", false)]
    public void Ids_are_kebab_case(string id, bool valid) => Assert.Equal(valid, Ids.IsValid(id));

    [Theory]
    [InlineData("2026-11-24T09:00:00Z", true)]
    [InlineData("2026-11-24T09:00:00.1234567Z", true)]
    [InlineData("2026-11-24t09:00:00z", true)]
    [InlineData("2026-11-24T10:00:00.5+01:00", true)]
    [InlineData("2026-11-24T09:00:00", false)]
    [InlineData("2026-11-24", false)]
    [InlineData("2026-13-24T09:00:00Z", false)]
    [InlineData("2026-11-24 09:00:00Z", false)]
    [InlineData("24-11-2026T09:00:00.000Z", false)]
    public void Times_are_RFC_3339_with_an_offset(string text, bool valid) => Assert.Equal(valid, Rfc3339.TryParse(text, out _));
}
