using System.Buffers;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using Facility.Contracts;
using Facility.Contracts.Mqtt;
using Facility.Contracts.Rest;
using Facility.Server.Places;
using Facility.Tests.Programs;
using MQTTnet;
using MQTTnet.Protocol;

namespace Facility.Storage;

/// <summary>Devices of all sites that were away come back and send what they kept, as the contract lets them: 16 batches under way.</summary>
internal static class Backlog
{
    public static async Task MeasureAsync(string broker, int rate, int minutes)
    {
        var folder = Here.NewFolder();
        var sitesPath = Path.Combine(RunningProgram.Root, "seeds/sites.json");
        var sites = SitesFile.Load(sitesPath).Document.Sites;
        var port = Here.FreePort();
        var server = await RunningProgram.ReadyServerAsync(port, ["--data", folder, "--sites", sitesPath, "--broker", $"mqtt://{broker}"]);
        using var http = Api.Client(port, folder);
        var events = rate * 60 * minutes;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(sites.Select(s => SendAsync(broker, s.Id, events, rate)));
        var acknowledged = clock.Elapsed;
        await server.UntilAsync(
            async () => (await http.GetFromJsonAsync<DeviceList>("/v1/devices"))!.Devices.All(d => d.Streams.All(s => s.Lag == 0)), TimeSpan.FromMinutes(10));
        var followed = clock.Elapsed;
        await server.UntilAsync(
            async () => (await Task.WhenAll(sites.Select(s => PassagesAsync(http, s.Id)))).All(persons => persons == events), TimeSpan.FromMinutes(2));
        Console.WriteLine($"\nbacklog of {minutes} minutes of {sites.Count} sites, {rate} events a second each ({events * sites.Count:N0} events): "
            + $"acknowledged after {acknowledged.TotalSeconds:0.0} s, followed by all after {followed.TotalSeconds:0.0} s, exactly so many in the answers after {clock.Elapsed.TotalSeconds:0.0} s");
        await server.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<int> PassagesAsync(HttpClient http, string site)
    {
        static string At(double hours) => Uri.EscapeDataString(Rfc3339.Format(DateTimeOffset.UtcNow.AddHours(hours)));
        var history = await http.GetFromJsonAsync<PassageHistory>($"/v1/sites/{site}/passages?from={At(-3)}&to={At(1)}&interval=PT1H");
        return history!.Points.Sum(p => p.In + p.Out);
    }

    private static async Task SendAsync(string broker, string site, int events, int rate)
    {
        var (stream, topics, start) = (Guid.NewGuid(), new Topics(), DateTimeOffset.UtcNow.AddSeconds(-events / rate));
        var acknowledged = 0L;
        var progress = new SemaphoreSlim(0);
        using var client = new MqttClientFactory().CreateMqttClient();
        client.ApplicationMessageReceivedAsync += e =>
        {
            Interlocked.Exchange(ref acknowledged, WireCodec.ReadAck(e.ApplicationMessage.Payload.ToArray())?.Seq ?? 0);
            progress.Release();
            return Task.CompletedTask;
        };
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer(broker.Split(':')[0], int.Parse(broker.Split(':')[1], null)).Build());
        await client.SubscribeAsync(topics.Ack(site, $"{site}-01", stream), MqttQualityOfServiceLevel.AtLeastOnce);
        for (var next = 1L; Interlocked.Read(ref acknowledged) < events;)
        {
            while (next <= events && next - Interlocked.Read(ref acknowledged) <= Limits.BatchesUnderWay * Limits.BatchEvents)
            {
                var count = (int)Math.Min(Limits.BatchEvents, events - next + 1);
                await client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(topics.Events(site, $"{site}-01"))
                    .WithPayload(Encoding.UTF8.GetBytes(Batches.Of(stream, next, count, start.AddSeconds((double)next / rate), 1)))
                    .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build());
                next += count;
            }

            await progress.WaitAsync(TimeSpan.FromSeconds(10));
        }

        await client.DisconnectAsync();
    }
}
