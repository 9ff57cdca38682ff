using System.Text;
using CsCheck;
using Facility.Contracts;
using Facility.Contracts.Mqtt;

namespace Facility.Tests.Unit.Contracts;

/// <summary>The quick reader of ordinary batches says what the slow one says, or nothing.</summary>
public sealed class PlainBatchReaderTests
{
    private const string Ordinary = """
        {"v":1,"stream":"7f3b1c52-9a5e-4c0a-8a39-0c6f6b1f0c11","oldest":101,"sentAt":"2026-11-24T09:00:05.200Z","clockSynced":true,"events":[
        {"seq":101,"at":"2026-11-24T09:00:00.123Z","sensor":"main-door","kind":"passage","value":1},
        {"seq":102,"at":"2026-11-24T10:00:02.5+01:00","sensor":"consult-1","kind":"presence","value":0},
        {"seq":103,"at":"2026-02-28T23:59:59.999Z","sensor":"hall-temp","kind":"temperature","value":-2.14e1},
        {"seq":104,"at":"2026-11-24T09:00:05.000Z","sensor":"hall-temp","kind":"humidity","value":55}]}
        """;

    [Fact]
    public void An_ordinary_batch_is_read_quickly()
    {
        var batch = PlainBatchReader.Read(Encoding.UTF8.GetBytes(Ordinary));
        Assert.NotNull(batch);
        Same(BatchReader.ReadAny(Encoding.UTF8.GetBytes(Ordinary)).Batch, batch);
    }

    // What stands in a batch that is not ordinary, put in the place of something that does.
    [Fact]
    public void Whatever_is_changed_in_it_the_quick_reader_agrees_or_leaves_it_to_the_slow_one()
    {
        string[] pieces =
        [
            "\"v\":1,", "\"v\":2,", "\"oldest\":101,", "\"oldest\":999,", "101", "102", "103.5", "1e2", "0", "-1", "9007199254740992", "true", "null", "\"\"", "\"x\"", "{}", "[]", ",", "}", "]", "]}",
            "\"value\":1", "\"value\":21", "\"kind\":\"passage\"", "\"kind\":\"lost\"", "\"sensor\":\"\"", "\"sensor\":\"caf\\u00e9\"", "\"seq\":101", "\"extra\":[{\"a\":1,\"a\":2}],", "2026-02-29T00:00:00.000Z",
            "2026-11-24T24:00:00.000Z", "2026-11-24T09:00:00.123456Z", "2026-11-24T09:00:00", "é", "\\ud800", " ", "\n", "1e999",
        ];
        Gen.Select(Gen.Int[0, Ordinary.Length], Gen.Int[0, 60], Gen.Int[0, pieces.Length - 1]).Sample(
            (at, gone, which) =>
            {
                var changed = Encoding.UTF8.GetBytes(Ordinary[..at] + pieces[which] + Ordinary[Math.Min(Ordinary.Length, at + gone)..]);
                if (PlainBatchReader.Read(changed) is { } quick)
                {
                    Same(BatchReader.ReadAny(changed).Batch, quick);
                }
            },
            iter: 20_000);
    }

    [Fact]
    public void The_usual_form_of_a_time_is_read_as_any_is()
    {
        Gen.DateTime[new DateTime(1, 1, 2), new DateTime(9999, 12, 30)].Sample(time =>
        {
            var text = Rfc3339.Format(new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)));
            Assert.True(Rfc3339.TryParseUsual(Encoding.UTF8.GetBytes(text), out var quick));
            Assert.True(Rfc3339.TryParse(text, out var slow));
            Assert.Equal(slow, quick);
        });
        Assert.False(Rfc3339.TryParseUsual("2026-02-29T00:00:00.000Z"u8, out _));
        Assert.False(Rfc3339.TryParseUsual("2026-11-24T09:00:60.000Z"u8, out _));
    }

    private static void Same(EventBatch? expected, EventBatch actual)
    {
        Assert.NotNull(expected);
        Assert.Equal(expected.Events, actual.Events);
        Assert.Equal(expected with { Events = actual.Events }, actual);
    }
}
