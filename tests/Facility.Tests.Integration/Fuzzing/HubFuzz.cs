using System.Diagnostics;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text;
using Facility.Contracts.Live;
using Facility.Contracts.Rest;
using Microsoft.AspNetCore.SignalR.Client;

namespace Facility.Tests.Integration.Fuzzing;

/// <summary>
/// Whatever frames come to the live hub, as JSON or MessagePack: the server lives within bounds, and another client is told of each change
/// all the while.
/// </summary>
[Collection("fuzz")]
public sealed class HubFuzz
{
    private const int AtOnce = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static readonly byte[][] Json =
    [
        .. ((string[])
        [
            """{"type":1,"invocationId":"1","target":"Watch","arguments":[["ratelaar","batau"]]}""", """{"type":1,"target":"Watch","arguments":[[]]}""",
            """{"type":1,"target":"Watch","arguments":[["atlantis"]]}""", """{"type":1,"target":"Nothing","arguments":[1,{"a":[]}]}""", """{"type":4,"invocationId":"2","target":"Watch","arguments":[["ratelaar"]]}""",
            """{"type":6}""", """{"type":2,"invocationId":"1","item":1}""", """{"type":3,"invocationId":"1","result":42}""", """{"type":5,"invocationId":"1"}""", """{"type":7,"error":"x","allowReconnect":true}""",
            """{"type":8,"sequenceId":1}""", """{"type":9,"sequenceId":1}""",
        ]).Select(m => Encoding.UTF8.GetBytes(m + "\u001e")),
    ];

    private static readonly byte[][] Pack =
    [
        Framed([0x96, 0x01, 0x80, 0xA1, .. "1"u8, 0xA5, .. "Watch"u8, 0x91, 0x91, 0xA8, .. "ratelaar"u8, 0x90]),
        Framed([0x95, 0x01, 0x80, 0xC0, 0xA5, .. "Watch"u8, 0x91, 0x90]),
        Framed([0x91, 0x06]),
        Framed([0x94, 0x02, 0x80, 0xA1, .. "1"u8, 0x01]),
        Framed([0x93, 0x07, 0xA1, .. "x"u8, 0xC3]),
        Framed([0x95, 0x01, 0x80, 0xC0, 0xA5, .. "Watch"u8, 0x91, 0xDD, 0x7F, 0xFF, 0xFF, 0xFF]),
        Framed([0x95, 0x01, 0xDF, 0x7F, 0xFF, 0xFF, 0xFF, 0xC0, 0xA5, .. "Watch"u8, 0x91, 0x90]),
    ];

    [Fact]
    public async Task Whatever_frames_come_the_hub_lives_and_others_are_told_of_each_change()
    {
        var run = FuzzRun.Of("hub", 15);
        await using var server = await FuzzedServer.StartAsync();
        using var end = new CancellationTokenSource();
        var watched = WatchAsync(run, server, end.Token);
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(() => AttackAsync(run, server))));
        await end.CancelAsync();
        Assert.True(await watched > 0, "nothing was told");
        if (server.Trouble(now: true) is { } trouble)
        {
            run.Fail(trouble);
        }

        Assert.Equal(0, await server.StopAsync());
        run.End();
    }

    // Once a second a person counts; the other client hears of it.
    private static async Task<int> WatchAsync(FuzzRun run, FuzzedServer server, CancellationToken end)
    {
        var token = server.Tokens[0];
        await using var hub = new HubConnectionBuilder().WithUrl($"http://127.0.0.1:{server.Port}{LiveHub.Path}", o => o.AccessTokenProvider = () => Task.FromResult<string?>(token)).Build();
        var (newest, told) = (0L, 0);
        hub.On<SiteOccupancy>(LiveHub.Occupancy, o => Volatile.Write(ref newest, o.Zones.FirstOrDefault(z => z.Zone == "hall")?.Estimate ?? -1));
        await hub.StartAsync(CancellationToken.None);
        await hub.InvokeAsync(LiveHub.Watch, (string[])["galecop"], CancellationToken.None);
        for (var people = 10; !end.IsCancellationRequested; people = people == 10 ? 30 : 10)
        {
            using var count = new HttpRequestMessage(HttpMethod.Post, "/v1/sites/galecop/counts") { Content = JsonContent.Create(new PersonsCount("hall", people)) };
            count.Headers.Authorization = new("Bearer", token);
            using var answer = await server.Http.SendAsync(count, CancellationToken.None);
            if (!answer.IsSuccessStatusCode)
            {
                run.Fail($"a count is answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(CancellationToken.None)}");
                return told;
            }

            var waited = Stopwatch.StartNew();
            while (Math.Abs(Volatile.Read(ref newest) - people) > 5)
            {
                if (waited.Elapsed > Patience)
                {
                    run.Fail($"another client has {newest} for {people} after {Patience.TotalSeconds} s; its connection is {hub.State}");
                    return told;
                }

                await Task.Delay(20, CancellationToken.None);
            }

            told++;
            await Task.Delay(1000, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return told;
    }

    private static async Task AttackAsync(FuzzRun run, FuzzedServer server)
    {
        while (run.Goes)
        {
            var fuzz = run.Next();
            var frames = new StringBuilder();
            try
            {
                run.Count(await FramesAsync(fuzz, server, frames));
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException or IOException)
            {
                run.Count(e.GetType().Name);
            }

            if (server.Trouble() is { } trouble)
            {
                run.Fail(fuzz, trouble, frames.ToString());
            }
        }
    }

    private static async Task<string> FramesAsync(Fuzz fuzz, FuzzedServer server, StringBuilder frames)
    {
        var isJson = fuzz.Chance(0.5);
        var corpus = isJson ? Json : Pack;
        using var socket = new ClientWebSocket();
        using var patience = new CancellationTokenSource(Patience);
        await socket.ConnectAsync(new Uri($"ws://127.0.0.1:{server.Port}{LiveHub.Path}"), patience.Token);
        var handshake = Encoding.UTF8.GetBytes($"{{\"protocol\":\"{(isJson ? "json" : "messagepack")}\",\"version\":1}}\u001e");
        await SendAsync(fuzz.Chance(0.9) ? handshake : fuzz.Mutate(handshake, corpus));
        for (var n = 1 + fuzz.Below(4); n > 0; n--)
        {
            await SendAsync(fuzz.Chance(0.15) ? fuzz.Pick(corpus) : fuzz.Mutate(fuzz.Pick(corpus), corpus));
        }

        // What it says after the answer to the handshake, if it says something soon.
        var buffer = new byte[4096];
        var said = isJson ? "json" : "messagepack";
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(fuzz.Chance(0.05) ? 1000 : 15));
        try
        {
            for (var n = 0; n < 3; n++)
            {
                var result = await socket.ReceiveAsync(buffer, soon.Token);
                said += result.MessageType == WebSocketMessageType.Close ? " close" : $" {Kind(buffer.AsSpan(0, result.Count), isJson)}";
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            said += " silence";
        }

        if (fuzz.Chance(0.3) && socket.State is WebSocketState.Open)
        {
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token);
        }

        return said;

        async Task SendAsync(byte[] bytes)
        {
            frames.AppendLine(Fuzz.Shown(bytes));
            var first = fuzz.Chance(0.1) ? fuzz.Below(bytes.Length + 1) : bytes.Length;
            var type = fuzz.Chance(0.9) == isJson ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
            await socket.SendAsync(bytes.AsMemory(0, first), type, first == bytes.Length, patience.Token);
            if (first < bytes.Length)
            {
                await socket.SendAsync(bytes.AsMemory(first), type, fuzz.Chance(0.9), patience.Token);
            }
        }
    }

    private static string Kind(ReadOnlySpan<byte> bytes, bool isJson)
    {
        var text = Encoding.UTF8.GetString(bytes);
        var type = text.IndexOf("\"type\":", StringComparison.Ordinal);
        return !isJson ? $"{(bytes.Length > 2 ? bytes[2] : 0):x2}" : type >= 0 && type + 7 < text.Length ? $"type {text[type + 7]}" : text.StartsWith("{}", StringComparison.Ordinal) ? "hello" : "error";
    }

    private static byte[] Framed(byte[] message) => [(byte)message.Length, .. message];
}
