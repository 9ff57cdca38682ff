using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics;
using Facility.Contracts.Mqtt;
using MQTTnet;
using MQTTnet.Protocol;

namespace Facility.Tests.Integration.Faults;

/// <summary>
/// A device that keeps the contract, in this process and for volume: two numbered lists that outlive its crashes, and the edge's own
/// rules of sending (<see cref="Facility.Edge.Domain.StreamSender"/>).
/// </summary>
internal sealed class NumberedDevice(string site, int port, Random random, Action<string> wrong) : IAsyncDisposable
{
    private static readonly TimeSpan WaitForAcks = TimeSpan.FromSeconds(2);
    private readonly Topics _topics = new();
    private readonly Lock _lock = new();
    private readonly Lane[] _lanes = [new Lane(urgent: true, new Random(random.Next())), new Lane(urgent: false, new Random(random.Next()))];
    private readonly string _device = $"{site}-01";
    private TimeSpan _clockError;
    private CancellationTokenSource _end = new();
    private Task _life = Task.CompletedTask;

    public string Site => site;

    public long Made => Locked(() => _lanes.Sum(l => l.Made));

    public int Waiting => Locked(() => _lanes.Sum(l => l.Waiting));

    public bool HasCopy => Locked(() => Array.TrueForAll(_lanes, l => l.HasCopy));

    public bool IsReady => Locked(() => _lanes.All(l => l.IsReady));

    /// <summary>The highest number of each of its present streams.</summary>
    public IReadOnlyDictionary<Guid, int> Highest => Locked(() => _lanes.ToDictionary(l => l.Stream, l => l.Count));

    public IReadOnlyList<MadeStream> Streams => Locked(() => _lanes.SelectMany(l => l.Streams).Select(s => new MadeStream(site, _device, s.Stream, s.Events)).ToArray());

    public void Make(int ordinary, int urgent) => Locked(() =>
    {
        _lanes[0].Make(urgent, _clockError);
        _lanes[1].Make(ordinary, _clockError);
        return true;
    });

    /// <summary>The device's clock is set to another time.</summary>
    public void JumpTo(TimeSpan clockError) => Locked(() => _clockError = clockError);

    public void Start()
    {
        Locked(() =>
        {
            Array.ForEach(_lanes, l => l.Start());
            return true;
        });
        _life = Task.Run(() => LiveAsync(_end.Token));
    }

    /// <summary>As a power cut: no goodbye to the broker, and all but the lists is forgotten.</summary>
    public async Task CrashAsync()
    {
        await _end.CancelAsync();
        await _life;
        _end.Dispose();
        _end = new CancellationTokenSource();
    }

    public async ValueTask DisposeAsync()
    {
        await CrashAsync();
        _end.Dispose();
    }

    public void Copy() => Locked(() =>
    {
        Array.ForEach(_lanes, l => l.Copy());
        return true;
    });

    /// <summary>
    /// With all else at rest, and everything on the server: makes a little that it never gets, and puts the lists back to the copy.
    /// </summary>
    /// <returns>Events lost with the lists.</returns>
    public async Task<int> PutBackAsync(TimeSpan atMost)
    {
        await CrashAsync();
        Make(5, 1);
        var lost = Locked(() => _lanes.Sum(l => l.PutBack()));
        Start();
        Make(3, 1);
        if (!await IsSoonAsync(() => Task.FromResult(IsReady && Waiting == 0), atMost))
        {
            wrong($"{site}: its lists were put back, and it did not get on again");
        }

        return lost;
    }

    public static async Task<bool> IsSoonAsync(Func<Task<bool>> holds, TimeSpan atMost)
    {
        var clock = Stopwatch.StartNew();
        while (!await holds())
        {
            if (clock.Elapsed > atMost)
            {
                return false;
            }

            await Task.Delay(50);
        }

        return true;
    }

    private async Task LiveAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(end);
            }
#pragma warning disable CA1031 // Whatever ended the connection, it is tried again.
            catch (Exception)
#pragma warning restore CA1031
            {
                await Task.Delay(random.Next(50, 400), end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ServeAsync(CancellationToken end)
    {
        using var client = new MqttClientFactory().CreateMqttClient();
        using var something = new SemaphoreSlim(0);
        var inbox = new ConcurrentQueue<MqttApplicationMessage>();
        client.ApplicationMessageReceivedAsync += e =>
        {
            inbox.Enqueue(e.ApplicationMessage);
            something.Release();
            return Task.CompletedTask;
        };
        await client.ConnectAsync(new MqttClientOptionsBuilder().WithTcpServer("127.0.0.1", port).WithTimeout(TimeSpan.FromSeconds(5))
            .WithProtocolVersion(MQTTnet.Formatter.MqttProtocolVersion.V500).Build(), end);
        await client.SubscribeAsync($"{_topics.Prefix}/{site}/{_device}/ack/+", MqttQualityOfServiceLevel.AtLeastOnce, end);
        await client.SubscribeAsync(_topics.Command(site, _device), MqttQualityOfServiceLevel.AtLeastOnce, end);
        var since = Stopwatch.StartNew();
        Locked(() =>
        {
            Array.ForEach(_lanes, l => l.Connected(Now));
            return true;
        });
        while (client.IsConnected && !end.IsCancellationRequested)
        {
            while (inbox.TryDequeue(out var message))
            {
                Take(message);
            }

            foreach (var lane in _lanes)
            {
                while ((IsReady || since.Elapsed > WaitForAcks) && Locked(() => lane.Next(Now, _clockError)) is { } batch)
                {
                    await client.PublishAsync(new MqttApplicationMessageBuilder()
                        .WithTopic(lane.IsUrgent ? _topics.Urgent(site, _device) : _topics.Events(site, _device))
                        .WithPayload(batch).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build(), end);
                }
            }

            await something.WaitAsync(20, end);
        }
    }

    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    private void Take(MqttApplicationMessage message)
    {
        var payload = message.Payload.ToArray();
        switch (_topics.Parse(message.Topic)?.Kind)
        {
            case TopicKind.Ack when WireCodec.ReadAck(payload) is { } ack:
                if (Locked(() => _lanes.Select(l => l.Take(ack, Now)).FirstOrDefault(p => p is not null)) is { } problem)
                {
                    wrong($"{site}: {problem}");
                }

                break;
            case TopicKind.Command when WireCodec.ReadCommand(payload) is { Command: DeviceCommand.Refused } refused:
                wrong($"{site}: a batch was refused: {refused.Reason} at {refused.Seq}");
                break;
        }
    }

    private T Locked<T>(Func<T> use)
    {
        lock (_lock)
        {
            return use();
        }
    }
}
