using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Facility.Tests.Integration.Services;
using Facility.Tests.Programs;

namespace Facility.Tests.Integration.Package;

/// <summary>What the program tells systemd, on a notify socket of the test's own.</summary>
public sealed class NotifyTests
{
    [Fact]
    public async Task It_is_ready_without_a_broker_pings_and_says_that_it_stops()
    {
        using var folder = new TemporaryFolder();
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(folder["notify"]));
        var told = new ConcurrentQueue<string>();
        using var stop = new CancellationTokenSource();
        var listening = ListenAsync(socket, told, stop.Token);

        var built = new DirectoryInfo(AppContext.BaseDirectory);
        var edge = Path.Combine(RunningProgram.Root, "edge/Facility.Edge/bin", built.Parent!.Name, built.Name, "facility-edge.dll");
        await using var process = new ChildProcess(new(
            "/usr/bin/env", [$"NOTIFY_SOCKET={folder["notify"]}", "WATCHDOG_USEC=12000000", "dotnet", edge,
            "--config", Path.Combine(RunningProgram.Root, "seeds/edge/ratelaar.json"), "--simulate", "--stdin", "--data", folder["data"],
            "--broker", $"mqtt://127.0.0.1:{Here.FreePort()}"]));
        await Told("READY=1", 1);
        Assert.DoesNotContain("WATCHDOG=1", told);
        await Told("WATCHDOG=1", 1);
        Assert.Contains("<4>Facility.Edge.Uplink.MqttUplink[0] No connection to", process.Output, StringComparison.Ordinal);

        await process.StopAsync(Service.StopLimit);
        await Until.TrueAsync("STOPPING=1 was told", () => Task.FromResult(told.Contains("STOPPING=1")), TimeSpan.FromSeconds(10));
        await stop.CancelAsync();
        await listening;

        Task Told(string what, int times) => process.UntilAsync(
            $"{what}, {times} times,", () => Task.FromResult(told.Count(line => line == what) >= times), TimeSpan.FromSeconds(40));
    }

    private static async Task ListenAsync(Socket socket, ConcurrentQueue<string> told, CancellationToken cancel)
    {
        var buffer = new byte[4096];
        try
        {
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, cancel);
                foreach (var line in Encoding.UTF8.GetString(buffer, 0, length).Split('\n'))
                {
                    told.Enqueue(line);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test has ended.
        }
    }
}
