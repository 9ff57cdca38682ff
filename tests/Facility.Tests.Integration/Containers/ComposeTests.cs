using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using Facility.Contracts.Rest;
using Facility.Tests.Integration.Services;
using MQTTnet;
using MQTTnet.Protocol;

namespace Facility.Tests.Integration.Containers;

/// <summary>The installation of <c>docker-compose.yml</c>: five simulated edges over TLS, each with its certificate, through to InfluxDB.</summary>
[Trait("length", "long")]
public sealed class ComposeTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(2);
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Five_edges_count_over_TLS_into_InfluxDB_and_a_device_speaks_for_itself_alone()
    {
        await using var stack = await ComposeStack.UpAsync();
        using var api = new HttpClient { BaseAddress = stack.Server };
        await Until.TrueAsync("a token is made in the server's container", () => SignsAsync(stack, api), Soon);

        await Until.TrueAsync("all five devices are online and all that they sent is stored", async () => await DevicesAsync(api) is { Count: 5 } devices
            && devices.All(d => d.State == "online" && d.SetAside == 0 && d.Streams.Count == 2 && d.Streams.All(s => s is { Acknowledged: > 0, Lag: 0 })), Soon);
        await Until.TrueAsync("InfluxDB holds passages", async () => await PassagesInInfluxAsync(stack) > 0, Soon);

        await A_device_speaks_for_itself_alone(stack, api);
        await Nobody_without_a_certificate_is_let_in(stack);

        Assert.Equal("1654:1654 true", await stack.InspectAsync("server", "{{.Config.User}} {{.HostConfig.ReadonlyRootfs}}"));
        await Until.TrueAsync("the server's own health check says so", async () => await stack.InspectAsync("server", "{{.State.Health.Status}}") == "healthy", Soon);

        var before = (await DevicesAsync(api)).Sum(d => d.Streams.Sum(s => s.Acknowledged));
        await stack.ComposeAsync("kill", "server", "broker", "influxdb");
        await stack.ComposeAsync("--profile", "demo", "up", "-d");
        await Until.TrueAsync("after all three were killed the edges go on", async () =>
            await DevicesAsync(api) is { Count: 5 } devices && devices.All(d => d.State == "online" && d.Lost == 0) && devices.Sum(d => d.Streams.Sum(s => s.Acknowledged)) > before, Soon);
    }

    private static async Task<bool> SignsAsync(ComposeStack stack, HttpClient api)
    {
        try
        {
            var token = await stack.ComposeAsync("exec", "-T", "server", "/app/facility-server", "token", "create", "--name", "test", "--role", "administrator");
            api.DefaultRequestHeaders.Authorization = new("Bearer", token.Trim());
            return true;
        }
        catch (InvalidOperationException)
        {
            // It does not run yet.
            return false;
        }
    }

    private static async Task A_device_speaks_for_itself_alone(ComposeStack stack, HttpClient api)
    {
        using var ratelaar = new MqttClientFactory().CreateMqttClient();
        using var authority = X509CertificateLoader.LoadCertificateFromFile(stack.Secret("ratelaar-01/ca.crt"));
        using var certificate = X509Certificate2.CreateFromPemFile(stack.Secret("ratelaar-01/device.crt"), stack.Secret("ratelaar-01/device.key"));
        await ratelaar.ConnectAsync(Options(stack, authority, certificate), Cancel);
        var refused = (await DevicesAsync(api)).Single(d => d.Device == "batau-01").Refused;
        var answer = await ratelaar.PublishStringAsync("facility/v1/batau/batau-01/events", "not for me to say", MqttQualityOfServiceLevel.AtLeastOnce, retain: false, Cancel);
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, answer.ReasonCode);
        await ratelaar.PublishStringAsync("facility/v1/ratelaar/ratelaar-01/events", "nonsense of my own", MqttQualityOfServiceLevel.AtLeastOnce, retain: false, Cancel);
        await Until.TrueAsync("its own is heard, and refused", async () => (await DevicesAsync(api)).Single(d => d.Device == "ratelaar-01").Refused > 0, Soon);
        Assert.Equal(refused, (await DevicesAsync(api)).Single(d => d.Device == "batau-01").Refused);
    }

    private static async Task Nobody_without_a_certificate_is_let_in(ComposeStack stack)
    {
        using var stranger = new MqttClientFactory().CreateMqttClient();
        using var authority = X509CertificateLoader.LoadCertificateFromFile(stack.Secret("ratelaar-01/ca.crt"));
        await Assert.ThrowsAnyAsync<MQTTnet.Exceptions.MqttCommunicationException>(() => stranger.ConnectAsync(Options(stack, authority, null), Cancel));
    }

    private static MqttClientOptions Options(ComposeStack stack, X509Certificate2 authority, X509Certificate2? certificate) => new MqttClientOptionsBuilder()
        .WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500)
        .WithTcpServer("127.0.0.1", stack.BrokerPort)
        .WithTlsOptions(tls =>
        {
            tls.UseTls().WithRevocationMode(X509RevocationMode.NoCheck).WithTrustChain([authority]);
            if (certificate is not null)
            {
                tls.WithClientCertificates([certificate]);
            }
        })
        .Build();

    private static async Task<IReadOnlyList<DeviceState>> DevicesAsync(HttpClient api)
    {
        try
        {
            return (await api.GetFromJsonAsync<DeviceList>("/v1/devices", Cancel))!.Devices;
        }
        catch (HttpRequestException)
        {
            // Not there yet, or not again.
            return [];
        }
    }

    private static async Task<int> PassagesInInfluxAsync(ComposeStack stack)
    {
        var password = (await File.ReadAllTextAsync(stack.Secret("server/influxdb-password"), Cancel)).Trim();
        var query = Uri.EscapeDataString("SELECT COUNT(value) FROM event WHERE kind = 'passage'");
        var answer = await stack.ComposeAsync(
            "exec", "-T", "influxdb", "/bin/busybox", "wget", "-q", "-O", "-", $"http://127.0.0.1:8086/query?db=facility&u=facility&p={password}&q={query}");
        using var json = System.Text.Json.JsonDocument.Parse(answer);
        return json.RootElement.GetProperty("results")[0].TryGetProperty("series", out var series) ? series[0].GetProperty("values")[0][1].GetInt32() : 0;
    }
}
