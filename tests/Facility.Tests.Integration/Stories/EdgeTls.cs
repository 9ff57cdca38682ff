using System.Text.Json.Nodes;
using Facility.Tests.Integration.Package;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Stories;

/// <summary>The real facility-edge and a real mosquitto that asks for a certificate of each device.</summary>
public sealed class EdgeTls : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _authority = new("Facility test authority");
    private readonly TestAuthority _stranger = new("Some other authority");
    private readonly int _port = Here.FreePort();

    public EdgeTls()
    {
        _authority.Write(_folder["ca.crt"]);
        _stranger.Write(_folder["other-ca.crt"]);
        _authority.Sign(_folder["broker"], "localhost");
        _authority.Sign(_folder["device"], "ratelaar-01");
    }

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_device_with_its_certificate_is_let_in_by_name_and_its_events_come()
    {
        await using var broker = await BrokerAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await using var edge = Edge(Config());
        await edge.WriteLineAsync("aed-door 1");
        await edge.UntilAsync(() => Task.FromResult(server.InOrder(true).Any(e => e is { Sensor: "aed-door", Value: 1 })), Soon);
        Assert.Contains("u'ratelaar-01'", broker.Output, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("length", "long")]
    public async Task So_is_the_native_program_of_the_package()
    {
        var program = await BuiltPackage.ProgramAsync(_folder["package"]);
        await using var broker = await BrokerAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await using var edge = RunningProgram.NativeEdge(program, Arguments(Config()));
        await edge.WriteLineAsync("aed-door 1");
        await edge.UntilAsync(() => Task.FromResult(server.InOrder(true).Any(e => e is { Sensor: "aed-door", Value: 1 })), Soon);
        Assert.Contains("u'ratelaar-01'", broker.Output, StringComparison.Ordinal);
        Assert.Equal(0, await edge.StopAsync());
    }

    [Theory]
    [InlineData("unknown authority", "its authority \"CN=Facility test authority\" is not in")]
    [InlineData("no caFile", "is not one that this machine trusts (broker.caFile names another)")]
    [InlineData("wrong name", "it is not for the name 127.0.0.1")]
    [InlineData("broker's is over", "it is valid from ")]
    [InlineData("no certificate", "the broker asks for a certificate of this device: broker.certificateFile and broker.keyFile")]
    [InlineData("device's is over", "the broker refuses this device's certificate \"CN=ratelaar-01\", valid until ")]
    [InlineData("device's of a stranger", "the broker refuses this device's certificate \"CN=ratelaar-01\"")]
    public async Task What_is_wrong_with_a_certificate_is_told_and_nothing_is_sent(string what, string told)
    {
        var config = Config();
        var tls = config["broker"]!.AsObject();
        switch (what)
        {
            case "unknown authority":
                tls["caFile"] = _folder["other-ca.crt"];
                break;
            case "no caFile":
                tls.Remove("caFile");
                break;
            case "wrong name":
                tls["url"] = $"mqtts://127.0.0.1:{_port}";
                break;
            case "broker's is over":
                _authority.Sign(_folder["broker"], "localhost", days: -1);
                break;
            case "no certificate":
                tls.Remove("certificateFile");
                tls.Remove("keyFile");
                break;
            case "device's is over":
                _authority.Sign(_folder["device"], "ratelaar-01", days: -1);
                break;
            case "device's of a stranger":
                _stranger.Sign(_folder["device"], "ratelaar-01");
                break;
        }

        await using var broker = await BrokerAsync();
        await using var edge = Edge(config);
        await edge.UntilOutputAsync("No connection", Soon);
        Assert.Contains(told, edge.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Connected to", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_renewed_certificate_is_used_at_the_next_connection_without_a_restart()
    {
        _authority.Sign(_folder["device"], "ratelaar-01", days: -1);
        await using var broker = await BrokerAsync();
        await using var edge = Edge(Config());
        await edge.UntilOutputAsync("the broker refuses this device's certificate", Soon);
        _authority.Sign(_folder["device"], "ratelaar-01");
        await edge.UntilOutputAsync("Connected to", Soon);
    }

    [Fact]
    public async Task A_certificate_that_is_nearly_over_is_told()
    {
        _authority.Sign(_folder["device"], "ratelaar-01", days: 5);
        await using var broker = await BrokerAsync();
        await using var edge = Edge(Config());
        await edge.UntilOutputAsync("renew it", Soon);
        await edge.UntilOutputAsync("Connected to", Soon);
    }

    [Fact]
    public async Task The_wiring_test_says_that_both_certificates_are_right()
    {
        await using var broker = await BrokerAsync();
        await File.WriteAllTextAsync(_folder["edge.json"], Config().ToJsonString());
        await using var check = RunningProgram.Edge("check", "--config", _folder["edge.json"], "--simulate", "--once");
        Assert.Equal(0, await check.ExitAsync(Soon));
        Assert.Contains("its certificate is right, ours is accepted", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_that_are_missing_or_no_certificate_are_told_before_it_starts()
    {
        var config = Config();
        config["broker"]!["caFile"] = _folder["no-such.crt"];
        config["broker"]!["keyFile"] = _folder["ca.crt"];
        config["broker"]!["username"] = "ratelaar-01";
        config["broker"]!["passwordFile"] = _folder["no-such-password"];
        await using var edge = Edge(config);
        Assert.Equal(2, await edge.ExitAsync(Soon));
        foreach (var key in (string[])["caFile", "certificateFile", "passwordFile"])
        {
            Assert.Contains($"configuration: broker.{key}: {_folder.Path}", edge.Output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("   at ", edge.Output, StringComparison.Ordinal);
    }

    private Task<Mosquitto> BrokerAsync() => Mosquitto.StartAsync(settings: $"""
        listener {_port} 127.0.0.1
        cafile {_folder["ca.crt"]}
        certfile {_folder["broker.crt"]}
        keyfile {_folder["broker.key"]}
        require_certificate true
        use_identity_as_username true

        """);

    private JsonNode Config()
    {
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json")))!;
        config["broker"] = new JsonObject
        {
            ["url"] = $"mqtts://localhost:{_port}",
            ["caFile"] = _folder["ca.crt"],
            ["certificateFile"] = _folder["device.crt"],
            ["keyFile"] = _folder["device.key"],
        };
        return config;
    }

    private RunningProgram Edge(JsonNode config) => RunningProgram.Edge(Arguments(config));

    private string[] Arguments(JsonNode config)
    {
        File.WriteAllText(_folder["edge.json"], config.ToJsonString());
        return ["--config", _folder["edge.json"], "--simulate", "--stdin", "--data", _folder["edge"]];
    }
}
