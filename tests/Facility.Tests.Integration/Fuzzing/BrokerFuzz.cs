using System.Net;
using System.Net.Sockets;
using System.Text;
using Facility.Tests.Integration.Stories;
using Facility.Tests.Programs;
using MQTTnet;
using MQTTnet.Protocol;

namespace Facility.Tests.Integration.Fuzzing;

/// <summary>
/// Whatever bytes come to the broker, and whatever messages to the server behind it: both live within bounds, and a device that keeps the
/// contract is acknowledged all the while, each of its events once.
/// </summary>
[Collection("fuzz")]
public sealed class BrokerFuzz
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] Parts = ["ratelaar", "ratelaar-01", "batau-01", "events", "urgent", "status", "command", "ack", "+", "#", "$SYS", "homeassistant", "device", "config", "facility", "v1", ""];

    [Fact]
    public async Task Whatever_comes_by_MQTT_the_server_lives_and_a_good_device_is_acknowledged()
    {
        var run = FuzzRun.Of("broker", 15);
        await using var server = await FuzzedServer.StartAsync();
        await using var good = await TestDevice.ConnectAsync(server.MqttPort, "galecop", "galecop-01");
        using var end = new CancellationTokenSource();
        var counted = GoodAsync(run, good, end.Token);
        await Task.WhenAll(Task.Run(() => AttackAsync(run, server, RawAsync)), Task.Run(() => AttackAsync(run, server, RawAsync)), Task.Run(() => MessagesAsync(run, server)));
        await end.CancelAsync();
        var sent = await counted;
        if (server.Trouble(now: true) is { } trouble)
        {
            run.Fail(trouble);
        }

        server.Http.DefaultRequestHeaders.Authorization = new("Bearer", server.Tokens[0]);
        using var devices = System.Text.Json.JsonDocument.Parse(await server.Http.GetStringAsync("/v1/devices"));
        var state = devices.RootElement.GetProperty("devices").EnumerateArray().Single(d => d.GetProperty("device").GetString() == "galecop-01" && d.GetProperty("site").GetString() == "galecop");
        var streams = state.GetProperty("streams").EnumerateArray().ToDictionary(s => s.GetProperty("stream").GetGuid(), s => s.GetProperty("acknowledged").GetInt64());
        if (streams.GetValueOrDefault(good.Stream) != sent || state.GetProperty("lost").GetInt64() != 0 || state.GetProperty("refused").GetInt64() != 0)
        {
            run.Fail($"the good device sent {sent}: {state}");
        }

        Assert.Equal(0, await server.StopAsync());
        run.End();
    }

    // Twice a second an event; the number of the last one that was acknowledged.
    private static async Task<long> GoodAsync(FuzzRun run, TestDevice device, CancellationToken end)
    {
        for (var seq = 1L; ; seq++)
        {
            await device.SendAsync(seq, TestDevice.Event("main-door", "passage", "1"));
            var waited = System.Diagnostics.Stopwatch.StartNew();
            while (device.Acknowledged() < seq)
            {
                if (waited.Elapsed > Patience)
                {
                    run.Fail($"event {seq} of a good device is not acknowledged after {Patience.TotalSeconds} s");
                    return seq;
                }

                await Task.Delay(20, CancellationToken.None);
            }

            if (end.IsCancellationRequested)
            {
                return seq;
            }

            await Task.Delay(500, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private static async Task AttackAsync(FuzzRun run, FuzzedServer server, Func<Fuzz, FuzzedServer, Action<byte[]>, Task<string>> attack)
    {
        while (run.Goes)
        {
            var fuzz = run.Next();
            byte[] sent = [];
            try
            {
                run.Count(await attack(fuzz, server, bytes => sent = bytes));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
            {
                run.Count("raw cut off");
            }

            if (server.Trouble() is { } trouble)
            {
                run.Fail(fuzz, trouble, Fuzz.Shown(sent));
            }
        }
    }

    // Packets of MQTT, changed: the broker answers or ends the connection.
    private static async Task<string> RawAsync(Fuzz fuzz, FuzzedServer server, Action<byte[]> say)
    {
        byte[][] packets = [Connect(fuzz, 4), Connect(fuzz, 5), Subscribe("facility/v1/+/+/events"), Publish("facility/v1/ratelaar/ratelaar-01/events", "{\"v\":1}"), [0xC0, 0], [0xE0, 0], [0x40, 2, 0, 1], [0x62, 2, 0, 1], [0xF0, 2, 0, 0]];
        var good = packets.Take(2).OrderBy(_ => fuzz.Below(2)).Take(1).Concat(Enumerable.Range(0, fuzz.Below(4)).Select(_ => fuzz.Pick(packets))).SelectMany(p => p).ToArray();
        var bytes = fuzz.Chance(0.05) ? fuzz.Bytes(2000) : fuzz.Mutate(good, packets);
        say(bytes);
        using var socket = new TcpClient { SendTimeout = 5000 };
        await socket.ConnectAsync(IPAddress.Loopback, server.MqttPort);
        var stream = socket.GetStream();
        await stream.WriteAsync(bytes);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(fuzz.Chance(0.02) ? 2000 : 25));
        var answer = new byte[16];
        try
        {
            var length = await stream.ReadAsync(answer, patience.Token);
            return length == 0 ? "raw ended" : $"raw answered {answer[0]:x2} {(length > 3 ? answer[3] : 0):x2}";
        }
        catch (OperationCanceledException)
        {
            return "raw waits";
        }
    }

    // Messages that the broker takes, to topics of all kinds, with bytes that are hardly the contract's.
    private static async Task MessagesAsync(FuzzRun run, FuzzedServer server)
    {
        byte[][] corpus = [.. Directory.EnumerateFiles(Path.Combine(RunningProgram.Root, "tests/Facility.Tests.Unit/Contracts/Golden")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        using var client = new MqttClientFactory().CreateMqttClient();
        while (run.Goes)
        {
            var fuzz = run.Next();
            var topic = fuzz.Chance(0.7)
                ? $"facility/v1/{fuzz.Pick(["ratelaar", "batau", "nowhere", "x\u202ey"])}/{fuzz.Pick(["ratelaar-01", "batau-01", "new-" + fuzz.Below(3000)])}/{fuzz.Pick(["events", "urgent", "status", "events", $"ack/{Guid.Empty}", "command"])}"
                : string.Join('/', Enumerable.Range(0, 1 + fuzz.Below(6)).Select(_ => fuzz.Chance(0.8) ? fuzz.Pick(Parts) : fuzz.Word()));
            var payload = fuzz.Mutate(fuzz.Pick(corpus), corpus);
            try
            {
                if (!client.IsConnected)
                {
                    await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", server.MqttPort).WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).WithTimeout(Patience).Build());
                }

                var told = await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload)
                    .WithQualityOfServiceLevel(fuzz.Pick([MqttQualityOfServiceLevel.AtLeastOnce, MqttQualityOfServiceLevel.AtMostOnce])).WithRetainFlag(fuzz.Chance(0.1)).Build());
                run.Count($"message {topic.Split('/')[^1][..Math.Min(12, topic.Split('/')[^1].Length)]} {told.ReasonCode}");
            }
            catch (Exception e) when (e is MQTTnet.Exceptions.MqttCommunicationException or MQTTnet.Exceptions.MqttProtocolViolationException or OperationCanceledException or ArgumentException or InvalidOperationException)
            {
                run.Count("message " + e.GetType().Name);
            }

            if (server.Trouble() is { } trouble)
            {
                run.Fail(fuzz, trouble, $"{topic}\n{Fuzz.Shown(payload)}");
            }
        }
    }

    private static byte[] Connect(Fuzz fuzz, byte version)
    {
        var id = Encoding.UTF8.GetBytes("c" + fuzz.Below(500));
        return Packet(0x10, [0, 4, .. "MQTT"u8, version, 2, 0, 60, .. version == 5 ? (byte[])[5, 0x11, 0, 0, 0, 10] : [], 0, (byte)id.Length, .. id]);
    }

    private static byte[] Subscribe(string topic) => Packet(0x82, [0, 1, .. Text(topic), 1]);

    private static byte[] Publish(string topic, string payload) => Packet(0x32, [.. Text(topic), 0, 1, .. Encoding.UTF8.GetBytes(payload)]);

    private static byte[] Text(string text) => [(byte)(text.Length >> 8), (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Packet(byte kind, byte[] rest) => [kind, (byte)rest.Length, .. rest];
}
