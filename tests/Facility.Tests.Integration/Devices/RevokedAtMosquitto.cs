using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;
using MQTTnet;

namespace Facility.Tests.Integration.Devices;

/// <summary>The real mosquitto with what <c>deploy/broker</c> says (only its paths and ports changed), the real server and the real edge.</summary>
public sealed class RevokedAtMosquitto : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(90);
    private readonly TemporaryFolder _folder = new();
    private readonly (int Http, int Devices, int Server) _ports = (Here.FreePort(), Here.FreePort(), Here.FreePort());

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_device_joins_renews_keeps_to_its_topics_and_is_cut_within_a_minute_of_its_revocation()
    {
        Service.Require("mosquitto");
        Certificates();
        await using var broker = new ChildProcess(new("/bin/sh", [Path.Combine(RunningProgram.Root, "deploy/broker/start"), Config(), _folder["revoked.crl"]]));
        await using var server = RunningProgram.Server(
            "--urls", $"http://127.0.0.1:{_ports.Http}", "--data", _folder["server"], "--sites", Path.Combine(RunningProgram.Root, "seeds/sites.json"),
            "--broker", $"mqtts://localhost:{_ports.Server}", "--broker-ca-file", _folder["c/ca.crt"], "--broker-certificate-file", _folder["c/facility-server.crt"],
            "--broker-key-file", _folder["c/facility-server.key"], "--device-ca-file", _folder["c/ca.crt"], "--device-ca-key-file", _folder["c/ca.key"],
            "--device-crl-file", _folder["revoked.crl"], "--device-broker-url", $"mqtts://localhost:{_ports.Devices}", "--device-certificates", _folder["c"],
            "--device-certificate-days", "0.0017");
        using var api = Api.Client(_ports.Http, _folder["server"]);
        await server.UntilAsync(async () => (await api.GetAsync("/health/ready")).IsSuccessStatusCode, Soon);

        using var made = await api.PostAsJsonAsync("/v1/device-claims", new { site = "ratelaar", device = "ratelaar-01" });
        var code = JsonNode.Parse(await made.Content.ReadAsStringAsync())!["code"]!.GetValue<string>();
        File.Copy(Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json"), _folder["edge.json"]);
        await using var join = RunningProgram.Edge("join", "--server", $"http://127.0.0.1:{_ports.Http}", "--code", code, "--config", _folder["edge.json"], "--data", _folder["edge"]);
        Assert.Equal(0, await join.ExitAsync(Soon));

        await using var edge = RunningProgram.Edge("--config", _folder["edge.json"], "--data", _folder["edge"], "--simulate", "--stdin");
        await edge.UntilOutputAsync("A newer certificate is on disk", Soon);
        await edge.WriteLineAsync("aed-door 1");
        await edge.UntilAsync(async () => (await DeviceAsync(api, "ratelaar-01"))["streams"]!.AsArray().Any(s => s!["acknowledged"]!.GetValue<long>() > 0), Soon);

        // One that was made with openssl, under the name and the topic of another: it is itself at the broker, whatever it says.
        using var prepared = await ConnectedAsync("batau-01", "ratelaar-01");
        await prepared.PublishStringAsync("facility/v1/ratelaar/ratelaar-01/status", "{}", MQTTnet.Protocol.MqttQualityOfServiceLevel.AtLeastOnce);
        Assert.DoesNotContain("the connection ended", edge.Output, StringComparison.Ordinal);
        Assert.Equal("online", (await DeviceAsync(api, "ratelaar-01"))["state"]!.GetValue<string>());

        var cut = new TaskCompletionSource();
        prepared.DisconnectedAsync += _ =>
        {
            cut.TrySetResult();
            return Task.CompletedTask;
        };
        var watch = Stopwatch.StartNew();
        foreach (var device in (string[])["ratelaar-01", "batau-01"])
        {
            using var revoked = await api.PostAsJsonAsync($"/v1/devices/{device}/revocation", new { });
            revoked.EnsureSuccessStatusCode();
        }

        await cut.Task.WaitAsync(Soon);
        await edge.UntilAsync(() => Task.FromResult(edge.Output.Contains("No connection to", StringComparison.Ordinal)), Soon);
        var first = watch.Elapsed;

        // For good, once the broker has read the list.
        await edge.UntilAsync(async () => !await ComesInAsync("batau-01"), Soon);
        await edge.UntilAsync(() => Task.FromResult(edge.Output.Contains("refuses this device's certificate", StringComparison.Ordinal)), Soon);
        TestContext.Current.TestOutputHelper!.WriteLine($"cut after {first.TotalSeconds:0.0} s, for good after {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.InRange(first, TimeSpan.Zero, TimeSpan.FromSeconds(60));
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(60));

        // Others stay.
        Assert.True(await ComesInAsync("galecop-01"));
    }

    private void Certificates()
    {
        using var make = Process.Start(Path.Combine(RunningProgram.Root, "deploy/broker/make-certificates"), [_folder["c"], "--host", "localhost", "batau-01", "galecop-01"])!;
        make.WaitForExit();
        Assert.Equal(0, make.ExitCode);
    }

    private string Config()
    {
        var text = File.ReadAllText(Path.Combine(RunningProgram.Root, "deploy/broker/mosquitto.conf"))
            .Replace("listener 8883", $"listener {_ports.Devices}", StringComparison.Ordinal).Replace("listener 8884", $"listener {_ports.Server}", StringComparison.Ordinal)
            .Replace("/certificates/", _folder["c/"], StringComparison.Ordinal).Replace("/revoked/", _folder[""] + "/", StringComparison.Ordinal)
            .Replace("/mosquitto/config/acl", Path.Combine(RunningProgram.Root, "deploy/broker/acl"), StringComparison.Ordinal)
            .Replace("/mosquitto/data/", _folder[""] + "/", StringComparison.Ordinal);
        File.WriteAllText(_folder["mosquitto.conf"], (Environment.UserName == "root" ? "user root\n" : "") + text);
        return _folder["mosquitto.conf"];
    }

    private async Task<IMqttClient> ConnectedAsync(string certificate, string clientId)
    {
        using var pem = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(_folder[$"c/{certificate}.crt"], _folder[$"c/{certificate}.key"]);
        var chain = new System.Security.Cryptography.X509Certificates.X509Certificate2Collection();
        chain.ImportFromPemFile(_folder["c/ca.crt"]);
        var client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithTcpServer("localhost", _ports.Devices).WithClientId(clientId)
            .WithTlsOptions(o => o.UseTls().WithRevocationMode(System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck).WithTrustChain(chain).WithClientCertificates([pem])).Build());
        return client;
    }

    private async Task<bool> ComesInAsync(string certificate)
    {
        try
        {
            using var client = await ConnectedAsync(certificate, certificate);
            return client.IsConnected;
        }
        catch (Exception e) when (e is MQTTnet.Exceptions.MqttCommunicationException or OperationCanceledException or IOException)
        {
            return false;
        }
    }

    private static async Task<JsonNode> DeviceAsync(HttpClient api, string device) =>
        JsonNode.Parse(await api.GetStringAsync("/v1/devices"))!["devices"]!.AsArray().Single(d => d!["device"]!.GetValue<string>() == device)!;
}
