using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;
using Facility.Tests.Integration.Services;
using Facility.Tests.Integration.Stories;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Edge;

/// <summary>facility-edge killed (-9) while it writes: what anybody has seen of it is still in its outbox.</summary>
public sealed class KilledWriter(ITestOutputHelper output)
{
    private const int Kills = 200;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);

    [Fact]
    [Trait("length", "long")]
    public async Task After_each_of_200_kills_every_published_event_is_in_the_outbox_as_it_was()
    {
        using var folder = new TemporaryFolder();
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        var random = new Random(20261124);
        var seen = new Dictionary<(bool, long), DeviceEvent>();
        Guid[]? streams = null;
        for (var kill = 0; kill < Kills; kill++)
        {
            await using (var edge = RunningProgram.Edge(
                "--config", Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json"), "--simulate", "--stdin",
                "--broker", $"mqtt://127.0.0.1:{broker.Port}", "--data", folder["edge"]))
            {
                for (var i = 0; i < 50; i++)
                {
                    await edge.WriteLineAsync("aed-door 1\naed-door 0\nmain-door 1\nmain-door -1");
                }

                await edge.UntilAsync(() => Task.FromResult(server.Batches(true).Count > 0), Soon);
                await Task.Delay(random.Next(300));
                await edge.KillAsync();
            }

            Assert.Equal("ok", Outboxes.Integrity(folder["edge"]));
            await using var outbox = Outboxes.Open(folder["edge"]);
            Guid[] now = [outbox.Info(StreamKind.Urgent).Id, outbox.Info(StreamKind.Ordinary).Id];
            Assert.Equal(streams ??= now, now);
            var published = (bool[])[true, false];
            foreach (var (urgent, e) in published.SelectMany(urgent => server.Batches(urgent).SelectMany(b => b.Batch.Events).Select(e => (urgent, e))))
            {
                seen.TryAdd((urgent, e.Seq), e);
                Assert.Equal(seen[(urgent, e.Seq)], e);
            }

            foreach (var ((urgent, seq), e) in seen)
            {
                var kind = urgent ? StreamKind.Urgent : StreamKind.Ordinary;
                Assert.True(outbox.Info(kind).Highest >= seq, $"kill {kill}: {kind} {seq} was published and is not held");
            }

            foreach (var urgent in published.Where(urgent => server.Batches(urgent).Count > 0))
            {
                var batch = server.Batches(urgent)[^1].Batch;
                Assert.Equal(batch.Events, outbox.Read(urgent ? StreamKind.Urgent : StreamKind.Ordinary, batch.First, batch.Events.Count).Events);
            }

            server.Forget();
        }

        output.WriteLine($"{Kills} kills, {seen.Count} published events");
        Assert.True(seen.Count > Kills);
    }
}
