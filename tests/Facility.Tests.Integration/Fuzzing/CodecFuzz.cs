using System.Diagnostics;
using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Fuzzing;

/// <summary>
/// Whatever bytes come by MQTT, the codec answers with a message or a reason, never an exception, in little time and memory; and
/// what it takes it can write and take again.
/// </summary>
[Collection("fuzz")]
public sealed class CodecFuzz
{
    // Bytes that reading at most 64 KiB may take: a batch of 500 events, and the detail of what is wrong.
    private const long MostAllocated = 4 * 1024 * 1024;
    private static readonly TimeSpan Slow = TimeSpan.FromSeconds(2);
    private static readonly Topics Ours = new();

    [Fact]
    public void Whatever_bytes_come_the_codec_answers_with_a_message_or_a_reason()
    {
        var run = FuzzRun.Of("codec", 10);
        var golden = Directory.EnumerateFiles(Path.Combine(RunningProgram.Root, "tests/Facility.Tests.Unit/Contracts/Golden")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        Assert.NotEmpty(golden);
        byte[][] corpus = [.. golden, Large(golden)];
        while (run.Goes)
        {
            var fuzz = run.Next();
            var input = fuzz.Chance(0.02) ? fuzz.Bytes(500) : fuzz.Mutate(fuzz.Pick(corpus), corpus);
            var (allocated, clock) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            try
            {
                run.Count(Batch(input));
                Others(input, run);
                run.Count(Topic(fuzz));
            }
#pragma warning disable CA1031 // Each is a finding.
            catch (Exception e)
#pragma warning restore CA1031
            {
                run.Fail(fuzz, $"{e.GetType().Name}: {e.Message}", Fuzz.Shown(input));
            }

            if (GC.GetAllocatedBytesForCurrentThread() - allocated is > MostAllocated and var bytes)
            {
                run.Fail(fuzz, $"{input.Length} bytes took {bytes:N0} of memory", Fuzz.Shown(input));
            }

            if (Stopwatch.GetElapsedTime(clock) > Slow)
            {
                run.Fail(fuzz, $"{input.Length} bytes took {Stopwatch.GetElapsedTime(clock)}", Fuzz.Shown(input));
            }
        }

        run.End();
    }

    private static string Batch(byte[] input)
    {
        var (batch, refusal) = BatchReader.Read(input);
        if (refusal is not null)
        {
            Assert.Null(batch);
            Assert.Contains(refusal.Reason, RefusalReasons.All);
            Assert.NotEmpty(refusal.Detail);
            return $"{refusal.Reason}{(refusal.Stream is null ? "" : " of a stream")}{(refusal.Seq is null ? "" : " from a seq")}";
        }

        Assert.NotNull(batch);
        Assert.InRange(batch.Events.Count, 1, Limits.BatchEvents);
        Assert.InRange(batch.Oldest, 1, batch.First);
        Assert.True(batch.Last <= Limits.MaxSeq);
        Assert.True(batch.Events.Select((e, i) => e.Seq == batch.First + i && e.Sensor.Length <= Limits.IdLength && e.Kind.Length <= Limits.IdLength
            && (e.Problem != SetAside.None || EventKinds.Allows(e.Kind, e.Value))).All(isRight => isRight), "an event out of order, too long, or wrong and not set aside");
        if (batch.Events.All(e => e.Problem == SetAside.None && double.IsFinite(e.Value)) && WireCodec.Write(batch) is { Length: <= Limits.BatchBytes } written)
        {
            var again = BatchReader.Read(written).Batch;
            Assert.NotNull(again);
            Assert.True(batch.Events.Select(Told).SequenceEqual(again.Events), "written and read again, an event is another");
            Assert.Equal(batch with { Events = again.Events, SentAt = Whole(batch.SentAt) }, again);
        }

        return "batch" + string.Concat(batch.Events.Select(e => e.Problem).Distinct().Order().Select(p => $" {p}"));
    }

    // Times are written in whole milliseconds.
    private static DeviceEvent Told(DeviceEvent e) => e with { At = Whole(e.At) };

    private static DateTimeOffset Whole(DateTimeOffset at) => at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMillisecond)).ToUniversalTime();

    private static void Others(byte[] input, FuzzRun run)
    {
        if (WireCodec.ReadStatus(input) is { } status)
        {
            run.Count("status " + status.State);
            Assert.Equal(status.Sensors ?? [], WireCodec.ReadStatus(WireCodec.Write(status))?.Sensors ?? []);
        }

        if (WireCodec.ReadAck(input) is { } ack)
        {
            run.Count("ack");
            Assert.Equal(ack, WireCodec.ReadAck(WireCodec.Write(ack)));
        }

        if (WireCodec.ReadCommand(input) is { } command)
        {
            run.Count("command");
            Assert.Equal(command, WireCodec.ReadCommand(WireCodec.Write(command)));
        }
    }

    private static string Topic(Fuzz fuzz)
    {
        var parts = Enumerable.Range(0, fuzz.Below(5)).Select(_ => fuzz.Chance(0.6) ? fuzz.Pick(["ratelaar", "ratelaar-01", "events", "urgent", "status", "ack", "command", Guid.Empty.ToString()]) : fuzz.Word());
        var topic = string.Join('/', parts.Prepend(fuzz.Chance(0.9) ? Topics.DefaultPrefix : fuzz.Word()));
        if (Ours.Parse(topic) is not { } parsed)
        {
            return "no topic";
        }

        var again = parsed.Kind switch
        {
            TopicKind.Urgent => Ours.Urgent(parsed.Site, parsed.Device),
            TopicKind.Events => Ours.Events(parsed.Site, parsed.Device),
            TopicKind.Status => Ours.Status(parsed.Site, parsed.Device),
            TopicKind.Command => Ours.Command(parsed.Site, parsed.Device),
            _ => Ours.Ack(parsed.Site, parsed.Device, parsed.Stream!.Value),
        };
        Assert.Equal(topic, again, ignoreCase: parsed.Kind == TopicKind.Ack);
        return "topic " + parsed.Kind;
    }

    // A batch of many events: changes of it are near the limits.
    private static byte[] Large(byte[][] golden)
    {
        var batch = golden.Select(g => BatchReader.Read(g).Batch).OfType<EventBatch>().First();
        return WireCodec.Write(batch with { Events = [.. Enumerable.Range(0, 480).Select(i => batch.Events[0] with { Seq = batch.First + i })] });
    }
}
