using System.Net.Sockets;
using Facility.Server.Adapters.Broker;
using Facility.Tests.Integration.Services;
using MQTTnet;
using MQTTnet.Protocol;

namespace Facility.Tests.Integration.Devices;

/// <summary>The embedded broker against those who are nobody, and devices that are not who they say, over real sockets.</summary>
public sealed class BrokerGuards
{
    private const string Own = "facility/v1/ratelaar/ratelaar-01/events";
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly GuardPatience Short = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_device_writes_its_own_topics_and_no_others()
    {
        await using var it = await EmbeddedParts.StartAsync();
        using var mine = it.Joined("ratelaar", "ratelaar-01");
        using var device = await ConnectedAsync(it.Tls(mine, "facility-ratelaar-01"));
        Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, await PublishAsync(device, Own));
        Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, await PublishAsync(device, "homeassistant/device/ratelaar-01/config"));
        foreach (var other in (string[])["facility/v1/galecop/galecop-01/events", "facility/v1/galecop/ratelaar-01/events", "facility/v1/ratelaar/ratelaar-01/command", "homeassistant/device/galecop-01/config", "x"])
        {
            Assert.Equal((other, MqttClientPublishReasonCode.NotAuthorized), (other, await PublishAsync(device, other)));
        }

        var granted = await device.SubscribeAsync("facility/v1/ratelaar/ratelaar-01/ack/+", MqttQualityOfServiceLevel.AtLeastOnce, Cancellation);
        Assert.Equal(MqttClientSubscribeResultCode.GrantedQoS1, granted.Items.Single().ResultCode);
        foreach (var other in (string[])["#", "facility/v1/galecop/galecop-01/command", "facility/v1/+/+/events"])
        {
            var refused = await device.SubscribeAsync(other, MqttQualityOfServiceLevel.AtLeastOnce, Cancellation);
            Assert.Equal((other, MqttClientSubscribeResultCode.NotAuthorized), (other, refused.Items.Single().ResultCode));
        }

        Assert.Contains(it.Refusals.Of("ratelaar-01"), r => r.Detail == "x: it may not write this topic");
    }

    [Fact]
    public async Task A_Will_under_another_devices_topic_is_not_told()
    {
        await using var it = await EmbeddedParts.StartAsync();
        using var mine = it.Joined("ratelaar", "ratelaar-01");
        using var server = await ConnectedAsync(it.Plain("facility-server", asServer: true));
        var heard = new List<string>();
        server.ApplicationMessageReceivedAsync += e =>
        {
            heard.Add(e.ApplicationMessage.Topic);
            return Task.CompletedTask;
        };
        await server.SubscribeAsync("facility/v1/#", MqttQualityOfServiceLevel.AtLeastOnce, Cancellation);
        foreach (var topic in (string[])["facility/v1/galecop/galecop-01/status", "facility/v1/ratelaar/ratelaar-01/status"])
        {
            using var device = await ConnectedAsync(it.Tls(mine, "facility-ratelaar-01").WithWillTopic(topic).WithWillPayload("{}"));
            device.Dispose();
        }

        await Until.TrueAsync("its own Will is told", () => Task.FromResult(heard.Count > 0), Soon);
        Assert.Equal(["facility/v1/ratelaar/ratelaar-01/status"], heard);
    }

    [Fact]
    public async Task A_stolen_client_id_is_refused_and_its_owner_stays()
    {
        await using var it = await EmbeddedParts.StartAsync();
        using var mine = it.Joined("ratelaar", "ratelaar-01");
        using var theirs = it.Joined("galecop", "galecop-01");
        using var owner = await ConnectedAsync(it.Tls(theirs, "facility-galecop-01"));
        using var server = await ConnectedAsync(it.Plain("facility-server", asServer: true));
        Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, await ConnectAsync(it.Tls(mine, "facility-galecop-01")));
        Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, await ConnectAsync(it.Tls(mine, "galecop-01")));
        Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, await ConnectAsync(it.Tls(mine, "facility-server")));
        Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, await ConnectAsync(it.Tls(mine, "")));
        Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, await ConnectAsync(it.Plain("facility-galecop-01")));
        Assert.Equal(MqttClientConnectResultCode.ClientIdentifierNotValid, await ConnectAsync(it.Plain("facility-server")));
        Assert.Equal(MqttClientConnectResultCode.BadUserNameOrPassword, await ConnectAsync(it.Plain("facility-server").WithCredentials("facility-server", "guessed")));
        Assert.True(owner.IsConnected && server.IsConnected);
        Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, await PublishAsync(owner, "facility/v1/galecop/galecop-01/events"));
    }

    [Fact]
    public async Task On_loopback_a_program_speaks_for_devices_that_have_not_joined_and_never_as_the_server()
    {
        await using var it = await EmbeddedParts.StartAsync();
        it.Joined("ratelaar", "ratelaar-01").Dispose();
        using var local = await ConnectedAsync(it.Plain("look"));
        Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, await PublishAsync(local, "facility/v1/galecop/galecop-01/events"));
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, await PublishAsync(local, Own));
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, await PublishAsync(local, "facility/v1/galecop/galecop-01/command"));
        Assert.Equal(MqttClientPublishReasonCode.NotAuthorized, await PublishAsync(local, $"facility/v1/galecop/galecop-01/ack/{Guid.NewGuid()}"));
    }

    [Fact]
    public async Task Without_a_certificate_of_ours_or_with_a_revoked_one_nobody_comes_in_and_who_is_in_is_cut_at_once()
    {
        await using var it = await EmbeddedParts.StartAsync();
        using var mine = it.Joined("ratelaar", "ratelaar-01");
        using var authority = new TestAuthority("Some other authority");
        using var folder = new TemporaryFolder();
        authority.Sign(folder["stranger"], "ratelaar-01");
        using var pem = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPemFile(folder["stranger.crt"], folder["stranger.key"]);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectedAsync(it.Tls(null, "facility-ratelaar-01")));
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectedAsync(it.Tls(pem, "facility-ratelaar-01")));

        using var device = await ConnectedAsync(it.Tls(mine, "facility-ratelaar-01"));
        var ended = new TaskCompletionSource();
        device.DisconnectedAsync += _ =>
        {
            ended.TrySetResult();
            return Task.CompletedTask;
        };
        it.Register.Revoke("ratelaar", "ratelaar-01");
        await it.Door.CutAsync("ratelaar-01", Cancellation);
        await ended.Task.WaitAsync(Soon, Cancellation);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectedAsync(it.Tls(mine, "facility-ratelaar-01")));
    }

    // A CONNECT that says it is 256 MB, a length that does not end, no MQTT at all, and a PUBLISH before any CONNECT.
    [Theory]
    [InlineData("10ffffff7f")]
    [InlineData("10ffffffffff")]
    [InlineData("474554202f20485454502f312e310d0a0d0a")]
    [InlineData("300400016100")]
    public async Task What_cannot_be_a_CONNECT_ends_the_connection_at_once(string hex)
    {
        await using var it = await EmbeddedParts.StartAsync();
        using var socket = await OpenAsync(it.Port);
        await socket.SendAsync(Convert.FromHexString(hex), Cancellation);
        Assert.True(await EndsAsync(socket), "it ends");
        using var local = await ConnectedAsync(it.Plain("look"));
    }

    [Fact]
    public async Task Half_open_and_slow_connections_are_ended()
    {
        await using var it = await EmbeddedParts.StartAsync(Short);

        // Nothing at all; a CONNECT that comes byte by byte; TLS that never begins.
        using var nothing = await OpenAsync(it.Port);
        using var half = await OpenAsync(it.Port);
        await half.SendAsync(new byte[] { 0x10, 0x20, 0x00 }, Cancellation);
        using var noTls = await OpenAsync(it.TlsPort);
        foreach (var socket in new[] { nothing, half, noTls })
        {
            Assert.True(await EndsAsync(socket), "it ends");
        }

        // In, and then half a packet; in, and then silence for ever.
        using var halfPacket = await OpenAsync(it.Port);
        await halfPacket.SendAsync(RawConnect("half"), Cancellation);
        await halfPacket.ReceiveAsync(new byte[64], Cancellation);
        await halfPacket.SendAsync(new byte[] { 0x30, 0x7f, 0x00 }, Cancellation);
        using var silent = await OpenAsync(it.Port);
        await silent.SendAsync(RawConnect("silent"), Cancellation);
        await silent.ReceiveAsync(new byte[64], Cancellation);
        Assert.True(await EndsAsync(halfPacket) && await EndsAsync(silent), "they end");
    }

    [Fact]
    public async Task Ten_thousand_connections_leave_the_server_and_devices_where_they_are()
    {
        await using var it = await EmbeddedParts.StartAsync();
        using var mine = it.Joined("ratelaar", "ratelaar-01");
        using var device = await ConnectedAsync(it.Tls(mine, "facility-ratelaar-01"));
        using var server = await ConnectedAsync(it.Plain("facility-server", asServer: true));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var open = new List<Socket>();
        try
        {
            foreach (var port in new[] { it.Port, it.TlsPort })
            {
                for (var i = 0; i < 5000; i++)
                {
                    try
                    {
                        open.Add(await OpenAsync(port));
                    }
                    catch (SocketException)
                    {
                        // Refused by the system: as good.
                    }
                }
            }

            await Until.TrueAsync("all but some are closed", () => Task.FromResult(open.Count(s => !(s.Poll(0, SelectMode.SelectRead) && s.Available == 0)) <= 256 + 64), Soon);
            Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, await PublishAsync(device, Own));
            Assert.Equal(MqttClientPublishReasonCode.NoMatchingSubscribers, await PublishAsync(server, "facility/v1/ratelaar/ratelaar-01/command"));
            Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 64 * 1024 * 1024);
        }
        finally
        {
            open.ForEach(s => s.Dispose());
        }

        using var again = await ConnectedAsync(it.Tls(mine, "facility-ratelaar-01-check"));
    }

    [Fact]
    public async Task Sessions_of_who_is_away_make_room()
    {
        await using var it = await EmbeddedParts.StartAsync();
        for (var i = 0; i < 2100; i++)
        {
            using var socket = await OpenAsync(it.Port);
            await socket.SendAsync(RawConnect($"s{i}"), Cancellation);
            var answer = new byte[64];
            Assert.True(await socket.ReceiveAsync(answer, Cancellation) >= 4 && answer[3] == 0, $"session {i} is taken");
        }
    }

    private static async Task<Socket> OpenAsync(int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", port, Cancellation);
        return socket;
    }

    private static async Task<bool> EndsAsync(Socket socket)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(Soon);
        try
        {
            while (await socket.ReceiveAsync(new byte[256], limit.Token) > 0)
            {
                // What it says before it ends.
            }

            return true;
        }
        catch (SocketException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // MQTT 3.1.1 with a session that stays, and no keep-alive.
    private static byte[] RawConnect(string id) => [0x10, (byte)(12 + id.Length), 0, 4, .. "MQTT"u8, 4, 0, 0, 0, 0, (byte)id.Length, .. System.Text.Encoding.ASCII.GetBytes(id)];

    private static async Task<IMqttClient> ConnectedAsync(MqttClientOptionsBuilder options)
    {
        var client = new MqttClientFactory().CreateMqttClient();
        var result = await client.ConnectAsync(options.Build(), Cancellation);
        Assert.Equal(MqttClientConnectResultCode.Success, result.ResultCode);
        return client;
    }

    private static async Task<MqttClientConnectResultCode> ConnectAsync(MqttClientOptionsBuilder options)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        return (await client.ConnectAsync(options.Build(), Cancellation)).ResultCode;
    }

    private static async Task<MqttClientPublishReasonCode> PublishAsync(IMqttClient client, string topic) => (await client.PublishAsync(
        new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload("{}").WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), Cancellation)).ReasonCode;
}
