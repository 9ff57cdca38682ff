using System.Text.Json;
using System.Text.Json.Nodes;
using Facility.Contracts.Mqtt;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Stories;

/// <summary>The commands of the contract at the real facility-edge over a real mosquitto.</summary>
public sealed class EdgeCommands : IDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_is_unknown_unreadable_or_retained_is_told_and_does_nothing()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await server.CommandAsync("""{"v":1,"command":"reload"}""", retain: true);
        await using var edge = Edge(broker, Config());
        await edge.UntilOutputAsync("Command reload is retained by the broker and is ignored", Soon);
        string[] bad = ["", "{", "[]", "null", "\"identify\"", "{\"v\":2,\"command\":\"identify\"}", "{\"v\":1}", "{\"v\":1,\"command\":null}", "{\"v\":1,\"command\":\"identify\",\"command\":\"reload\"}", "\u0000\n\u001b[2J"];
        foreach (var payload in bad)
        {
            await server.CommandAsync(payload);
        }

        // Nothing to tell: an acknowledgement that is taken away.
        await server.RetireAsync(Guid.NewGuid());
        await server.CommandAsync("""{"v":1,"command":"self-destruct"}""");
        await edge.UntilOutputAsync("Command self-destruct is not known", Soon);
        Assert.Equal(bad.Length, edge.Output.Split("could not be read and is ignored").Length - 1);
        await edge.WriteLineAsync("aed-door 1");
        await edge.UntilAsync(() => Is(server.InOrder(true).Any(e => e is { Sensor: "aed-door", Value: 1 })), Soon);
        Assert.DoesNotContain("beginning again", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Identify_makes_the_device_tell_who_it_is()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port);
        await using var edge = Edge(broker, Config());

        // It reads commands before it tells of itself.
        await edge.UntilAsync(() => Is(server.Discovery is not null), Soon);
        await server.CommandAsync("""{"v":1,"command":"identify"}""");
        await edge.UntilOutputAsync("This is ratelaar-01, asked to identify itself", Soon);
    }

    [Fact]
    public async Task Reload_takes_a_right_configuration_in_the_same_process_and_its_streams_go_on()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await using var edge = Edge(broker, Config());
        await edge.WriteLineAsync("main-door 3");
        await edge.UntilAsync(() => Is(Passages(server, "main-door") == 3), Soon);
        var stream = server.Stream(false);

        var config = Config();
        var sensors = config["sensors"]!.AsArray();
        sensors.Remove(sensors.Single(sensor => (string?)sensor!["id"] == "hall-pir"));
        sensors.Add(new JsonObject { ["id"] = "back-door", ["kind"] = "contact", ["pin"] = 4 });
        Write(config);
        await server.CommandAsync("""{"v":1,"command":"reload"}""");
        await edge.UntilAsync(() => Is(server.Status?.Sensors?.Any(level => level.Sensor == "back-door") == true), Soon);

        // Home Assistant is told to forget the one, and hears of the other.
        await edge.UntilAsync(() => Is(Component(server, "hall-pir") is { } gone && gone.EnumerateObject().Count() == 1), Soon);
        Assert.Equal("opening", Component(server, "back-door")!.Value.GetProperty("device_class").GetString());

        await edge.WriteLineAsync("main-door 2");
        await edge.WriteLineAsync("back-door 1");
        await edge.UntilAsync(() => Is(Passages(server, "main-door") == 5 && server.InOrder(true).Any(e => e is { Sensor: "back-door", Value: 1 })), Soon);
        Assert.Equal(stream, server.Stream(false));

        // At the next connection nothing more is said of it.
        await broker.RestartAsync();
        await server.ConnectAgainAsync(broker.Port);
        await edge.UntilAsync(() => Is(Component(server, "back-door") is not null && Component(server, "hall-pir") is null), Soon);
    }

    [Fact]
    public async Task Reload_refuses_a_wrong_configuration_with_what_is_wrong_and_goes_on()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        await using var edge = Edge(broker, Config());
        await edge.UntilAsync(() => Is(server.Status?.State == DeviceStatus.Online), Soon);
        var session = server.Status!.Session;
        var config = Config();
        config["sensors"]![0]!["colour"] = "red";
        config["broker"]!["url"] = "http://broker";
        Write(config);
        await server.CommandAsync("""{"v":1,"command":"reload"}""");
        await edge.UntilOutputAsync("the configuration from before stays", Soon);
        Assert.Contains("refused: sensors[0].colour: unknown key", edge.Output, StringComparison.Ordinal);
        Assert.Contains("refused: broker.url: \"http://broker\" is not allowed", edge.Output, StringComparison.Ordinal);
        await edge.WriteLineAsync("main-door 1");
        await edge.UntilAsync(() => Is(Passages(server, "main-door") == 1), Soon);
        Assert.Equal(session, server.Status!.Session);
    }

    [Fact]
    public async Task Reload_takes_the_configuration_from_before_again_when_the_new_one_cannot_be_begun_with()
    {
        await using var broker = await Mosquitto.StartAsync();
        await using var server = await TestServer.ConnectAsync(broker.Port, acknowledgeAll: true);
        var config = Config();
        config["data"] = _folder["edge"];
        Write(config);
        await using var edge = RunningProgram.Edge(
            "--config", _folder["edge.json"], "--simulate", "--stdin", "--broker", $"mqtt://127.0.0.1:{broker.Port}");
        await edge.WriteLineAsync("main-door 1");
        await edge.UntilAsync(() => Is(Passages(server, "main-door") == 1), Soon);
        var (stream, session) = (server.Stream(false), server.Status!.Session);

        // Right by its form, but a file is no folder.
        config["data"] = _folder["edge.json"];
        Write(config);
        await server.CommandAsync("""{"v":1,"command":"reload"}""");
        await edge.UntilOutputAsync("The one from before is taken again", Soon);
        await edge.UntilAsync(() => Is(server.Status is { State: DeviceStatus.Online } status && status.Session != session), Soon);
        await edge.WriteLineAsync("main-door 1");
        await edge.UntilAsync(() => Is(Passages(server, "main-door") == 2), Soon);
        Assert.Equal(stream, server.Stream(false));
    }

    private static JsonObject Config() => JsonNode.Parse(File.ReadAllText(Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json")))!.AsObject();

    private void Write(JsonNode config) => File.WriteAllText(_folder["edge.json"], config.ToJsonString());

    private RunningProgram Edge(Mosquitto broker, JsonObject config)
    {
        Write(config);
        return RunningProgram.Edge(
            "--config", _folder["edge.json"], "--simulate", "--stdin", "--broker", $"mqtt://127.0.0.1:{broker.Port}", "--data", _folder["edge"]);
    }

    private static JsonElement? Component(TestServer server, string id)
    {
        if (server.Discovery is not { } message)
        {
            return null;
        }

        using var document = JsonDocument.Parse(message);
        return document.RootElement.GetProperty("components").TryGetProperty(id, out var component) ? component.Clone() : null;
    }

    private static int Passages(TestServer server, string door) => server.InOrder(false).Count(e => e.Sensor == door);

    private static Task<bool> Is(bool value) => Task.FromResult(value);
}
