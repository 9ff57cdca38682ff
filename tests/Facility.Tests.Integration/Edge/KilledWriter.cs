using Facility.Contracts.Mqtt;
using Facility.Edge.Ports;
using Facility.Tests.Integration.Package;
using Facility.Tests.Integration.Services;
using Facility.Tests.Integration.Stories;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Edge;

/// <summary>
/// facility-edge, as its package brings it, killed (-9) while it writes: what anybody has seen of it is still in its outbox.
/// </summary>
public sealed class KilledWriter(ITestOutputHelper output)
{
    private const int Kills = 200;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(60);
    private static readonly string Lines = string.Concat(Enumerable.Repeat("aed-door 1\naed-door 0\nmain-door 1\nmain-door -1\n", 50));

    [Fact]
    [Trait("length", "long")]
    public async Task After_each_of_200_kills_every_published_event_is_in_the_outbox_as_it_was()
    {
        using var folder = new TemporaryFolder();
        var program = await BuiltPackage.ProgramAsync(folder["package"]);
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        var random = new Random(20261124);
        var seen = new Dictionary<(StreamKind Kind, long Seq), DeviceEvent>();
        var highest = new Dictionary<StreamKind, long> { [StreamKind.Urgent] = 0, [StreamKind.Ordinary] = 0 };
        Guid[]? streams = null;
        for (var kill = 0; kill < Kills; kill++)
        {
            await using (var edge = RunningProgram.NativeEdge(
                program, "--config", Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json"), "--simulate", "--stdin",
                "--broker", $"mqtt://127.0.0.1:{broker.Port}", "--data", folder["edge"]))
            {
                await edge.WriteLineAsync(Lines);
                await edge.UntilAsync(() => Task.FromResult(server.Batches(true).Count > 0), Soon);
                await Task.Delay(random.Next(300));
                await edge.KillAsync();
            }

            Assert.Equal("ok", Outboxes.Integrity(folder["edge"]));
            await using var outbox = Outboxes.Open(folder["edge"]);
            Guid[] now = [outbox.Info(StreamKind.Urgent).Id, outbox.Info(StreamKind.Ordinary).Id];
            Assert.Equal(streams ??= now, now);
            foreach (var kind in (StreamKind[])[StreamKind.Urgent, StreamKind.Ordinary])
            {
                var batches = server.Batches(kind == StreamKind.Urgent);
                foreach (var e in batches.SelectMany(b => b.Batch.Events))
                {
                    seen.TryAdd((kind, e.Seq), e);
                    Assert.Equal(seen[(kind, e.Seq)], e);
                    highest[kind] = Math.Max(highest[kind], e.Seq);
                }

                Assert.True(outbox.Info(kind).Highest >= highest[kind], $"kill {kill}: {kind} {highest[kind]} was published and is not held");
                foreach (var batch in batches.Select(b => b.Batch))
                {
                    Assert.Equal(batch.Events, outbox.Read(kind, batch.First, batch.Events.Count).Events);
                }
            }

            server.Forget();
        }

        output.WriteLine($"{Kills} kills, {seen.Count} published events");
        Assert.True(seen.Count > Kills);
    }
}
