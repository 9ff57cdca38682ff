using System.Text;
using CsCheck;
using Facility.Contracts;
using Facility.Contracts.Mqtt;

namespace Facility.Tests.Unit.Contracts;

public sealed class BatchReaderTests
{
    private const string Stream = "7f3b1c52-9a5e-4c0a-8a39-0c6f6b1f0c11";
    private const string Good = """{"seq":7,"at":"2026-11-24T09:00:00.123Z","sensor":"main-door","kind":"passage","value":1}""";

    private static string Envelope(string events, string more = "", string oldest = "1") =>
        $$"""{"v":1,"stream":"{{Stream}}","oldest":{{oldest}},"sentAt":"2026-11-24T09:00:05.200Z","clockSynced":true,{{more}}"events":[{{events}}]}""";

    private static (EventBatch? Batch, Refusal? Refusal) Read(string json) => BatchReader.Read(Encoding.UTF8.GetBytes(json));

    private static string Event(long seq) => Good.Replace("\"seq\":7", $"\"seq\":{seq}", StringComparison.Ordinal);

    public static TheoryData<string, string, long?> Refused() => new()
    {
        { "", RefusalReasons.NotJson, null },
        { "hello", RefusalReasons.NotJson, null },
        { "[]", RefusalReasons.BadEnvelope, null },
        { "{}", RefusalReasons.UnknownVersion, null },
        { Envelope(Good).Replace("\"v\":1", "\"v\":2", StringComparison.Ordinal), RefusalReasons.UnknownVersion, 7 },
        { Envelope(Good, "\"extra\":1,\"extra\":2,"), RefusalReasons.DuplicateKey, 7 },
        { Envelope(Good, "\"deep\":{\"a\":1,\"\\u0061\":2},"), RefusalReasons.DuplicateKey, 7 },
        { Envelope(Good.Replace("\"value\":1", "\"value\":1,\"value\":1", StringComparison.Ordinal)), RefusalReasons.DuplicateKey, 7 },
        { Envelope(Good)[..^1], RefusalReasons.NotJson, 7 },
        { Envelope(""), RefusalReasons.NoEvents, null },
        { Envelope(string.Join(',', Enumerable.Range(1, 501).Select(i => Event(i)))), RefusalReasons.TooManyEvents, 1 },
        { Envelope(Event(7) + "," + Event(9)), RefusalReasons.SeqNotContiguous, 7 },
        { Envelope(Event(7) + "," + Event(7)), RefusalReasons.SeqNotContiguous, 7 },
        { Envelope(Event(8) + "," + Event(7)), RefusalReasons.SeqNotContiguous, 8 },
        { Envelope(Event(0)), RefusalReasons.SeqNotContiguous, null },
        { Envelope("7"), RefusalReasons.SeqNotContiguous, null },
        { Envelope(Good, oldest: "8"), RefusalReasons.OldestAboveFirst, 7 },
        { Envelope(Good, oldest: "0"), RefusalReasons.BadEnvelope, 7 },
        { Envelope(Good).Replace(Stream, "no-uuid", StringComparison.Ordinal), RefusalReasons.BadEnvelope, 7 },
        { Envelope(Good).Replace("2026-11-24T09:00:05.200Z", "2026-11-24T09:00:05", StringComparison.Ordinal), RefusalReasons.BadEnvelope, 7 },
        { Envelope(Good).Replace("true", "\"yes\"", StringComparison.Ordinal), RefusalReasons.BadEnvelope, 7 },
        { Envelope(Good, $"\"padding\":\"{new string('x', Limits.BatchBytes)}\","), RefusalReasons.TooLarge, 7 },
        { new string('[', 5000), RefusalReasons.NotJson, null },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void An_unreadable_envelope_is_refused_with_its_reason_and_range(string json, string reason, long? seq)
    {
        var (batch, refusal) = Read(json);
        Assert.Null(batch);
        Assert.Equal(reason, refusal!.Reason);
        Assert.Equal(seq, refusal.Seq);
    }

    [Theory]
    [InlineData("\"value\":1", "\"value\":0", SetAside.BadValue)]
    [InlineData("\"value\":1", "\"value\":1.5", SetAside.BadValue)]
    [InlineData("\"value\":1", "\"value\":21", SetAside.BadValue)]
    [InlineData("\"value\":1", "\"value\":\"1\"", SetAside.BadValue)]
    [InlineData("\"value\":1", "\"value\":1e999", SetAside.BadValue)]
    [InlineData("\"value\":1", "\"other\":1", SetAside.BadValue)]
    [InlineData("2026-11-24T09:00:00.123Z", "yesterday", SetAside.BadTime)]
    [InlineData("2026-11-24T09:00:00.123Z", "2026-11-24T09:00:00.123", SetAside.BadTime)]
    [InlineData("\"passage\"", "7", SetAside.BadKind)]
    [InlineData("\"main-door\"", "null", SetAside.BadSensor)]
    [InlineData("\"main-door\"", "\"\\ud800\"", SetAside.BadSensor)]
    [InlineData("\"passage\"", "\"humidity\"", SetAside.None)]
    [InlineData("\"value\":1", "\"value\":-20.0", SetAside.None)]
    [InlineData("\"value\":1", "\"value\":1,\"unknown\":{\"a\":[1]}", SetAside.None)]
    [InlineData("2026-11-24T09:00:00.123Z", "2026-11-24T10:00:00+01:00", SetAside.None)]
    public void One_bad_event_keeps_its_place_and_hides_no_other(string from, string to, SetAside problem)
    {
        var (batch, refusal) = Read(Envelope(Event(6) + "," + Good.Replace(from, to, StringComparison.Ordinal) + "," + Event(8)));
        Assert.Null(refusal);
        Assert.Equal([6, 7, 8], batch!.Events.Select(e => e.Seq));
        Assert.Equal([SetAside.None, problem, SetAside.None], batch.Events.Select(e => e.Problem));
    }

    [Theory]
    [InlineData(EventKinds.Presence, 2)]
    [InlineData(EventKinds.Fault, -1)]
    [InlineData(EventKinds.Temperature, -60.1)]
    [InlineData(EventKinds.Temperature, 120.1)]
    [InlineData(EventKinds.Lost, 0)]
    [InlineData(EventKinds.Lost, 1.5)]
    [InlineData(EventKinds.Passage, -21)]
    public void Values_outside_the_table_are_not_allowed(string kind, double value) => Assert.False(EventKinds.Allows(kind, value));

    [Fact]
    public void Reading_never_throws_whatever_the_bytes()
    {
        var good = Encoding.UTF8.GetBytes(Envelope(Event(6) + "," + Event(7)));
        var mutated = from position in Gen.Int[0, good.Length - 1]
                      from bytes in Gen.Byte.Array[0, 12]
                      from keep in Gen.Bool
                      select (byte[])[.. good[..position], .. bytes, .. keep ? good[position..] : []];
        Gen.OneOf(Gen.Byte.Array[0, 200], mutated).Sample(
            bytes =>
            {
                var (batch, refusal) = BatchReader.Read(bytes);
                Assert.True((batch is null) != (refusal is null));
                _ = (WireCodec.ReadAck(bytes), WireCodec.ReadStatus(bytes), WireCodec.ReadCommand(bytes));
            },
            iter: 20_000);
    }

    [Fact]
    public void What_is_written_reads_back_the_same()
    {
        var events = Gen.Select(Gen.Int[1, 20], Gen.Long[0, 4_000_000_000_000], Gen.Double[-60, 120]).List[1, 500];
        events.Sample(
            list =>
            {
                var batch = new EventBatch(Guid.Parse(Stream), 1, DateTimeOffset.UnixEpoch, false, [.. list.Select((e, i) => new DeviceEvent(
                    i + 1, DateTimeOffset.FromUnixTimeMilliseconds(e.Item2), "s" + e.Item1, EventKinds.Temperature, e.Item3))]);
                var bytes = WireCodec.Write(batch);
                var (read, refusal) = BatchReader.Read(bytes);
                Assert.Equal(bytes.Length > Limits.BatchBytes, refusal is not null);
                Assert.Equal(refusal is null ? batch.Events : null, read?.Events);
            },
            iter: 200);
    }
}
