using System.Text.Json;
using Facility.Contracts.Mqtt;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Stories;

/// <summary>The real facility-edge over a real mosquitto, against a server's side by hand (contract, section 2).</summary>
public sealed class EdgeProtocol
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private static readonly string Config = Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json");

    [Fact]
    public async Task The_status_is_retained_with_the_levels_and_the_Will_says_offline_of_the_same_session()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var edge = Edge(broker, folder);
        await using var server = await TestServer.ConnectAsync(broker.Port);
        await edge.UntilAsync(() => Is(server.Status?.State == DeviceStatus.Online), Soon);

        await using var late = await TestServer.ConnectAsync(broker.Port);
        await edge.UntilAsync(() => Is(late.Statuses.Count > 0), Soon);
        Assert.True(late.Statuses[0].Retained);
        Assert.Contains(new SensorLevel("aed-door", EventKinds.Contact, 0), late.Status!.Sensors!);

        await edge.KillAsync();
        await Until.TrueAsync("the Will came", () => Is(late.Status?.State == DeviceStatus.Offline), Soon);
        Assert.Equal(late.Statuses[0].Status.Session, late.Status!.Session);
    }

    [Fact]
    public async Task A_clean_exit_says_offline_and_leaves_with_0_within_3_seconds()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var edge = Edge(broker, folder);
        await using var server = await TestServer.ConnectAsync(broker.Port);
        await edge.UntilAsync(() => Is(server.Status?.State == DeviceStatus.Online), Soon);
        var session = server.Status!.Session;
        Assert.Equal(0, await edge.StopAsync(TimeSpan.FromSeconds(3)));
        await Until.TrueAsync("offline came", () => Is(server.Status is { State: DeviceStatus.Offline } s && s.Session == session), Soon);
    }

    [Fact]
    public async Task Urgent_and_ordinary_events_have_a_stream_each_that_begins_with_the_levels()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await using var edge = Edge(broker, folder);
        await edge.WriteLineAsync("main-door 2");
        await edge.WriteLineAsync("aed-door 1");
        await edge.UntilAsync(() => Is(Has(server, true, "aed-door", 1) && server.InOrder(false).Count(e => e.Sensor == "main-door") == 2), Soon);

        Assert.NotEqual(server.Stream(true), server.Stream(false));
        var (urgent, ordinary) = (server.InOrder(true), server.InOrder(false));
        Assert.Equal(
            ["aed-door", "aed-present", "aed-tamper", "help-button", "fire-panel"], urgent.Take(5).Select(e => e.Sensor));
        Assert.All(ordinary, e => Assert.Contains(e.Kind, (string[])[EventKinds.Passage, EventKinds.Presence, EventKinds.Temperature]));
        Assert.Equal(3, ordinary.Count(e => e.Kind == EventKinds.Presence));
        Assert.Equal(1, server.Batches(true)[0].Batch.First);
        Assert.Equal(1, server.Batches(false)[0].Batch.First);
    }

    [Fact]
    public async Task Without_an_acknowledgement_it_sends_again_from_the_first_that_is_not()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port);
        await using var edge = Edge(broker, folder);
        await edge.UntilAsync(() => Is(server.Batches(true).Count(b => b.Batch.First == 1) >= 2), Soon);

        await server.AcknowledgeAsync(server.Stream(true), 3);
        await edge.UntilAsync(() => Is(server.Batches(true).Count(b => b.Batch.First == 4) >= 2), Soon);
        await server.AcknowledgeAsync(server.Stream(true), server.InOrder(true).Count);
        await edge.WriteLineAsync("help-button 1");
        await edge.UntilAsync(() => Is(server.Batches(true)[^1].Batch.First == 6), Soon);
    }

    [Fact]
    public async Task After_a_kill_the_stream_goes_on_with_the_same_numbers_and_bytes()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port);
        await using (var first = Edge(broker, folder))
        {
            await first.WriteLineAsync("aed-door 1");
            await first.WriteLineAsync("main-door -2");
            await first.UntilAsync(() => Is(Has(server, true, "aed-door", 1) && server.InOrder(false).Count(e => e.Sensor == "main-door") == 2), Soon);
            await first.KillAsync();
        }

        var (urgent, ordinary) = (Bytes(server, true), Bytes(server, false));
        var streams = (server.Stream(true), server.Stream(false));
        server.Forget();
        await using var edge = Edge(broker, folder);
        await edge.UntilAsync(() => Is(Bytes(server, true).Count > urgent.Count && Bytes(server, false).Count > ordinary.Count), Soon);
        Assert.Equal(streams, (server.Stream(true), server.Stream(false)));
        Assert.Equal(urgent, Bytes(server, true).Take(urgent.Count));
        Assert.Equal(ordinary, Bytes(server, false).Take(ordinary.Count));
    }

    [Fact]
    public async Task A_lower_retained_acknowledgement_makes_it_go_back()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await using (var first = Edge(broker, folder))
        {
            await first.WriteLineAsync("aed-door 1");
            await first.UntilAsync(() => Is(Has(server, true, "aed-door", 1)), Soon);
            Assert.Equal(0, await first.StopAsync());
        }

        var sent = Bytes(server, true);
        server.AcknowledgeAll = false;
        await server.AcknowledgeAsync(server.Stream(true), 2);
        server.Forget();
        await using var edge = Edge(broker, folder);
        await edge.UntilAsync(() => Is(server.Batches(true).Count > 0), Soon);
        Assert.Equal(3, server.Batches(true)[0].Batch.First);
        Assert.Equal(sent.Skip(2), server.Batches(true)[0].Raw.Take(sent.Count - 2));
    }

    [Fact]
    public async Task An_acknowledgement_above_its_highest_makes_a_new_stream_of_what_it_made_since_its_start()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await using (var first = Edge(broker, folder))
        {
            await first.WriteLineAsync("aed-door 1");
            await first.UntilAsync(() => Is(Has(server, true, "aed-door", 1)), Soon);
            Assert.Equal(0, await first.StopAsync());
        }

        var old = server.Stream(true);
        await server.AcknowledgeAsync(old, 1000);
        server.Forget();
        await using var edge = Edge(broker, folder);
        await edge.WriteLineAsync("help-button 1");
        await edge.UntilAsync(() => Is(Has(server, true, "help-button", 1)), Soon);
        Assert.DoesNotContain(old, server.Batches(true).Select(b => b.Batch.Stream));
        Assert.Equal(1, server.InOrder(true)[0].Seq);
        Assert.DoesNotContain(server.InOrder(true), e => e is { Sensor: "aed-door", Value: 1 });
    }

    [Fact]
    public async Task What_is_refused_goes_event_by_event_and_one_still_refused_becomes_a_loss_of_1_with_its_number()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port);
        await using var edge = Edge(broker, folder);
        await edge.UntilAsync(() => Is(server.Batches(true).Count > 0), Soon);
        var (stream, seen) = (server.Stream(true), server.Batches(true).Count);
        await server.RefuseAsync(stream, 1);
        await edge.UntilAsync(() => Is(server.Batches(true).Skip(seen).Count(b => b.Batch.Events.Count == 1) >= 5), Soon);

        // It may have been sent whole more than once: each sending is refused, as a server does.
        var refused = 1;
        await edge.UntilAsync(
            async () =>
            {
                if (refused < server.Batches(true).Count(b => b.Batch.First == 1))
                {
                    refused++;
                    await server.RefuseAsync(stream, 1);
                }

                return server.Batches(true).Any(b => b.Batch.Events[0] is { Seq: 1, Kind: EventKinds.Lost, Value: 1 });
            },
            Soon);
        server.AcknowledgeAll = true;
        await server.AcknowledgeAsync(stream, 5);
        await edge.WriteLineAsync("help-button 1");
        await edge.UntilAsync(() => Is(server.Batches(true).SelectMany(b => b.Batch.Events).Any(e => e is { Sensor: "help-button", Value: 1, Seq: > 5 })), Soon);
        Assert.Equal(stream, server.Stream(true));
    }

    [Fact]
    public async Task Home_Assistant_finds_the_device_with_its_status_as_availability()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var edge = Edge(broker, folder);
        await edge.UntilOutputAsync("Connected to", Soon);
        await using var server = await TestServer.ConnectAsync(broker.Port);
        await edge.UntilAsync(() => Is(server.Discovery is not null), Soon);
        using var config = JsonDocument.Parse(server.Discovery!);
        const string Status = "facility/v1/ratelaar/ratelaar-01/status";
        Assert.Equal(Status, config.RootElement.GetProperty("availability")[0].GetProperty("topic").GetString());
        Assert.Equal(Status, config.RootElement.GetProperty("state_topic").GetString());

        // Eight levels and two temperatures.
        Assert.Equal(10, config.RootElement.GetProperty("components").EnumerateObject().Count());
    }

    [Fact]
    public async Task What_happens_while_the_broker_is_away_comes_later_in_order_and_whole()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await using var edge = Edge(broker, folder);
        await edge.WriteLineAsync("main-door 1");
        await edge.UntilAsync(() => Is(server.InOrder(false).Count(e => e.Sensor == "main-door") == 1), Soon);

        await broker.KillAsync();
        await edge.WriteLineAsync("main-door 5");
        await edge.WriteLineAsync("kitchen-door -3");
        await edge.WriteLineAsync("aed-door 1");
        await edge.UntilOutputAsync("No connection", Soon);
        await broker.StartAgainAsync();
        await server.ConnectAgainAsync(broker.Port);
        await edge.UntilAsync(() => Is(Has(server, true, "aed-door", 1) && server.InOrder(false).Count(e => e.Kind == EventKinds.Passage) == 9), Soon);
        Assert.Equal([1, 1, 1, 1, 1, 1, -1, -1, -1], server.InOrder(false).Where(e => e.Kind == EventKinds.Passage).Select(e => e.Value));
    }

    private static RunningProgram Edge(Mosquitto broker, TemporaryFolder folder) => RunningProgram.Edge(
        "--config", Config, "--simulate", "--stdin", "--broker", $"mqtt://127.0.0.1:{broker.Port}", "--data", folder["edge"]);

    private static bool Has(TestServer server, bool urgent, string sensor, double value) =>
        server.InOrder(urgent).Any(e => e.Sensor == sensor && e.Value == value);

    // The bytes of each event by number; one number is always the same bytes.
    private static List<string> Bytes(TestServer server, bool urgent) =>
        [.. server.Batches(urgent).SelectMany(b => b.Batch.Events.Zip(b.Raw)).GroupBy(e => e.First.Seq).OrderBy(e => e.Key)
            .Select(e => Assert.Single(e.Select(x => x.Second).Distinct()))];

    private static Task<bool> Is(bool value) => Task.FromResult(value);
}
