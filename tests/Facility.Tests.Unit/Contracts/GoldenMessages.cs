using System.Text;
using System.Text.Json.Nodes;
using Facility.Contracts.Mqtt;

namespace Facility.Tests.Unit.Contracts;

/// <summary>The wire only grows: a golden file of every released message still decodes, and encodes to the same JSON.</summary>
public sealed class GoldenMessages
{
    private static byte[] Golden(string name) =>
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Contracts", "Golden", name));

    private static void SameJson(byte[] golden, byte[] written) =>
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(golden), JsonNode.Parse(written)), Encoding.UTF8.GetString(written));

    [Fact]
    public void A_batch_of_version_1()
    {
        var (batch, refusal) = BatchReader.Read(Golden("batch-v1.json"));
        Assert.Null(refusal);
        Assert.Equal((101, 101, 103), (batch!.Oldest, batch.First, batch.Last));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 9, 0, 0, 123, TimeSpan.Zero), batch.Events[0].At);
        Assert.All(batch.Events, e => Assert.Equal(SetAside.None, e.Problem));
        SameJson(Golden("batch-v1.json"), WireCodec.Write(batch));
    }

    [Fact]
    public void An_acknowledgement_of_version_1() => SameJson(Golden("ack-v1.json"), WireCodec.Write(WireCodec.ReadAck(Golden("ack-v1.json"))!));

    [Theory]
    [InlineData("command-identify-v1.json")]
    [InlineData("command-refused-v1.json")]
    public void A_command_of_version_1(string file) => SameJson(Golden(file), WireCodec.Write(WireCodec.ReadCommand(Golden(file))!));

    [Theory]
    [InlineData("status-online-v1.json")]
    [InlineData("status-offline-v1.json")]
    public void A_status_of_version_1(string file) => SameJson(Golden(file), WireCodec.Write(WireCodec.ReadStatus(Golden(file))!));
}
