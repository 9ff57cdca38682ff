using System.Collections.Concurrent;
using System.Diagnostics;
using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;
using Facility.Tests.Integration.Services;
using Facility.Tests.Integration.Stories;
using Facility.Tests.Programs;
using MQTTnet;

namespace Facility.Tests.Integration.Edge;

/// <summary>A week of one event a second in the outbox, then the network comes back: real edge, real mosquitto, real server.</summary>
public sealed class WeekWithoutBroker(ITestOutputHelper output)
{
    private const int Events = 7 * 86_400;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    [Fact]
    [Trait("length", "long")]
    public async Task It_drains_whole_and_alarms_made_meanwhile_overtake_it()
    {
        using var folder = new TemporaryFolder();
        await using var server = await RealServer.StartAsync();
        var clock = Stopwatch.StartNew();
        var (urgent, ordinary) = await FillAsync(folder["edge"]);
        output.WriteLine($"{Events} events in the outbox after {clock.Elapsed.TotalSeconds:0.0} s, {new FileInfo(Path.Combine(folder["edge"], "outbox.db")).Length / 1e6:0} MB");

        var acks = new ConcurrentDictionary<Guid, (long Seq, TimeSpan At)>();
        using var listener = new MqttClientFactory().CreateMqttClient();
        listener.ApplicationMessageReceivedAsync += e =>
        {
            if (WireCodec.ReadAck(System.Buffers.BuffersExtensions.ToArray(e.ApplicationMessage.Payload)) is { } ack)
            {
                acks[ack.Stream] = (ack.Seq, clock.Elapsed);
            }

            return Task.CompletedTask;
        };
        await listener.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer(Mosquitto.Host, server.Broker.Port).Build());
        await listener.SubscribeAsync("facility/v1/ratelaar/ratelaar-01/ack/+");

        await using var edge = RunningProgram.Edge(
            "--config", Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json"), "--simulate", "--stdin",
            "--broker", $"mqtt://127.0.0.1:{server.Broker.Port}", "--data", folder["edge"]);
        await edge.UntilAsync(() => Task.FromResult(acks.GetValueOrDefault(ordinary).Seq > 0), Patience);
        var (from, began) = acks[ordinary];
        var latencies = new List<double>();
        while (acks[ordinary].Seq < Events)
        {
            var before = acks.GetValueOrDefault(urgent).Seq;
            var sent = clock.Elapsed;
            await edge.WriteLineAsync(latencies.Count % 2 == 0 ? "help-button 1" : "help-button 0");
            await edge.UntilAsync(() => Task.FromResult(acks.GetValueOrDefault(urgent).Seq > before), Patience);
            if (acks[ordinary].Seq < Events)
            {
                latencies.Add((acks[urgent].At - sent).TotalMilliseconds);
            }

            await Task.Delay(200);
        }

        var (seq, ended) = acks[ordinary];
        var rate = (seq - from) / (ended - began).TotalSeconds;
        Assert.NotEmpty(latencies);
        latencies.Sort();
        output.WriteLine($"{rate:0} events/s drained over {(ended - began).TotalSeconds:0.0} s");
        output.WriteLine($"{latencies.Count} alarms meanwhile, on the server's disk after (ms): median {latencies[latencies.Count / 2]:0}, longest {latencies[^1]:0}");
        var device = await server.DeviceAsStateAsync("ratelaar");
        Assert.Equal((0, 0, 0, false), (device.Refused, device.SetAside, device.Lost, device.Faulty));
    }

    private static async Task<(Guid Urgent, Guid Ordinary)> FillAsync(string folder)
    {
        await using var outbox = Outboxes.Open(folder);
        var start = DateTimeOffset.UtcNow.AddSeconds(-Events);
        for (var i = 0; i < Events; i++)
        {
            await outbox.AppendAsync(new NewEvent(start.AddSeconds(i), "main-door", EventKinds.Passage, i % 2 == 0 ? 1 : -1, true), CancellationToken.None);
        }

        await outbox.FlushAsync();
        Assert.Equal((1, Events), (outbox.Info(StreamKind.Ordinary).Oldest, outbox.Info(StreamKind.Ordinary).Highest));
        return (outbox.Info(StreamKind.Urgent).Id, outbox.Info(StreamKind.Ordinary).Id);
    }
}
