using Facility.Edge.Configuration;

namespace Facility.Tests.Unit.Edge;

public sealed class BrokerReaderTests
{
    [Fact]
    public void The_ports_of_the_two_schemes_are_those_of_MQTT()
    {
        Assert.Equal(1883, Read("""{"url":"mqtt://broker"}""").Port);
        Assert.Equal(8883, Read("""{"url":"mqtts://broker"}""").Port);
        Assert.Equal(9000, Read("""{"url":"mqtts://broker:9000"}""").Port);
    }

    [Theory]
    [InlineData("""{"url":"mqtt://broker","caFile":"ca.crt"}""", "broker.caFile: is for TLS, and broker.url is not")]
    [InlineData("""{"url":"mqtts://broker","certificateFile":"a.crt"}""", "broker.keyFile: missing; needed beside certificateFile")]
    [InlineData("""{"url":"mqtts://broker","keyFile":"a.key"}""", "broker.certificateFile: missing; needed beside keyFile")]
    [InlineData("""{"url":"mqtt://broker","passwordFile":"p"}""", "broker.username: missing; needed beside passwordFile")]
    [InlineData("""{"url":"mqtt://broker","username":"a","passwordFile":"/no/such/file"}""", "broker.passwordFile: /no/such/file: ")]
    [InlineData("""{"url":"mqtts://broker","caFile":"/no/such/ca.crt"}""", "broker.caFile: /no/such/ca.crt: ")]
    [InlineData("""{"url":"mqtt://name:secret@broker"}""", "broker.url: ")]
    [InlineData("""{"url":"mqtt://broker","insecure":true}""", "broker.insecure: unknown key; allowed are url, username, passwordFile, caFile, certificateFile, keyFile")]
    public void A_mistake_is_told_with_its_place(string broker, string problem)
    {
        var e = Assert.Throws<ConfigException>(() => Read(broker));
        Assert.StartsWith(problem, Assert.Single(e.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_file_that_begins_with_an_empty_line_is_told()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, "\nsecret\n");
            var e = Assert.Throws<ConfigException>(() => Read($$"""{"url":"mqtt://broker","username":"a","passwordFile":"{{file}}"}"""));
            Assert.Contains("its first line is empty", Assert.Single(e.Problems), StringComparison.Ordinal);
            File.WriteAllText(file, "secret\n");
            using var files = BrokerFiles.Read(Read($$"""{"url":"mqtt://broker","username":"a","passwordFile":"{{file}}"}"""));
            Assert.Equal("secret", files.Password);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static BrokerConfig Read(string broker) => ConfigReader.Read(
        $$"""{"site":"ratelaar","device":"ratelaar-01","broker":{{broker}},"sensors":[{"id":"help","kind":"button"}]}""", simulate: true).Broker;
}
