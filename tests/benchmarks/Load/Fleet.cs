using System.Text.Json;
using Facility.Contracts.Mqtt;

namespace Facility.Benchmarks.Load;

/// <summary>What a fleet is.</summary>
/// <param name="PerMessage">Events in a message at most.</param>
/// <param name="Acknowledged">Devices of the contract, which wait for <c>ack</c>; false for the peers, which have none.</param>
/// <param name="Drains">Every fourth passage goes out.</param>
/// <param name="Connections">Devices share them, evenly.</param>
internal sealed record FleetPlan(int Sites, int DevicesPerSite, int PerMessage, bool Acknowledged, bool Drains = true, int Connections = 50, bool Urgent = false);

/// <summary>All devices, over real connections to the broker.</summary>
internal sealed class Fleet : IDisposable
{
    private readonly FleetPlan _plan;
    private readonly CancellationTokenSource _over = new();
    private readonly List<Connection> _connections = [];
    private readonly Timer _checks;

    public Fleet(int port, FleetPlan plan)
    {
        _plan = plan;
        var topics = new Topics();
        Devices =
        [
            .. from s in Enumerable.Range(0, plan.Sites)
               from d in Enumerable.Range(0, plan.DevicesPerSite)
               let site = SiteName(s)
               let name = DeviceName(s, d)
               select new Device(site, name, plan.Urgent ? topics.Urgent(site, name) : topics.Events(site, name), plan.PerMessage, plan.Acknowledged, plan.Urgent),
        ];
        var count = Math.Min(plan.Connections, Devices.Count);
        for (var i = 0; i < count; i++)
        {
            _connections.Add(new Connection(this, port, $"bench-{Guid.NewGuid():N}", [.. Devices.Where((_, d) => d % count == i)]));
        }

        _checks = new Timer(_ => _connections.ForEach(c => c.Check()), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>An event was acknowledged: its device, its number.</summary>
    public Action<Device, long>? OnAck { get; set; }

    public IReadOnlyList<Device> Devices { get; }

    public long Made => Devices.Sum(d => d.Made);

    /// <summary>Persons inside after all that was made.</summary>
    public long Net => Devices.Sum(d => Device.Net(d.Made, _plan.Drains));

    public long Acknowledged => Devices.Sum(d => d.Acknowledged);

    public long SentAgain => Devices.Sum(d => d.SentAgain);

    public bool Done => Devices.All(d => d.Done);

    public static string SiteName(int site) => $"site-{site:0000}";

    public static string DeviceName(int site, int device) => $"d{site:0000}-{device:00}";

    /// <summary>Every device makes so many events more, at once, and sends them as fast as it may.</summary>
    public void Burst(long each) => _connections.ForEach(c => c.Make(each));

    /// <summary>One event of one device, now.</summary>
    public void One(int device) => _connections[device % _connections.Count].One(Devices[device]);

    /// <summary>All devices make no more; what is under way goes on.</summary>
    public void Stop() => _connections.ForEach(c => c.Stop());

    public async Task UntilDoneAsync(TimeSpan atMost)
    {
        var limit = DateTime.UtcNow + atMost;
        while (!Done)
        {
            if (DateTime.UtcNow > limit)
            {
                throw new TimeoutException($"{Made - Acknowledged} of {Made} events are not acknowledged after {atMost.TotalSeconds:0} s");
            }

            await Task.Delay(5);
        }
    }

    public void Dispose()
    {
        _checks.Dispose();
        _over.Cancel();
        _connections.ForEach(c => c.Dispose());
        _over.Dispose();
    }

    private sealed class Connection : IDisposable
    {
        private readonly Lock _gate = new();
        private readonly MqttSocket _socket;
        private readonly Fleet _fleet;
        private readonly Device[] _devices;
        private readonly Dictionary<Guid, Device> _byStream;

        public Connection(Fleet fleet, int port, string id, Device[] devices)
        {
            (_fleet, _devices, _byStream) = (fleet, devices, devices.ToDictionary(d => d.Stream));
            _socket = new MqttSocket(port, id);
            if (fleet._plan.Acknowledged)
            {
                foreach (var device in devices)
                {
                    _socket.Subscribe($"{Topics.DefaultPrefix}/{device.Site}/{device.Name}/ack/{device.Stream}");
                }
            }

            _socket.Flush();
            _ = Task.Run(() => _socket.ReadAsync(_gate, Take, Pump, fleet._over.Token));
        }

        public void Make(long each)
        {
            lock (_gate)
            {
                foreach (var device in _devices)
                {
                    device.Make(each, timed: _fleet.OnAck is not null);
                }

                Pump();
                _socket.Flush();
            }
        }

        public void One(Device device)
        {
            lock (_gate)
            {
                device.Make(1, timed: true);
                device.Pump(_socket, _fleet._plan.Drains);
                _socket.Flush();
            }
        }

        public void Stop()
        {
            lock (_gate)
            {
                Array.ForEach(_devices, d => d.Stop());
            }
        }

        public void Check()
        {
            try
            {
                lock (_gate)
                {
                    foreach (var device in _devices)
                    {
                        device.Check();
                    }

                    Pump();
                    _socket.Ping();
                    _socket.Flush();
                }
            }
            catch (Exception e) when (e is System.Net.Sockets.SocketException or ObjectDisposedException)
            {
                // The run is over.
            }
        }

        public void Dispose() => _socket.Dispose();

        private void Pump()
        {
            foreach (var device in _devices)
            {
                device.Pump(_socket, _fleet._plan.Drains);
            }
        }

        private void Take(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload)
        {
            if (topic.IsEmpty)
            {
                // A peer's device has a connection of its own, so it is this one's message.
                _devices[0].Confirmed();
                return;
            }

            if (!payload.IsEmpty && JsonSerializer.Deserialize<Acked>(payload, JsonSerializerOptions.Web) is { } ack && _byStream.TryGetValue(ack.Stream, out var device))
            {
                var (from, to) = device.Ack(ack.Seq);
                for (var seq = from; _fleet.OnAck is not null && seq <= to; seq++)
                {
                    _fleet.OnAck(device, seq);
                }
            }
        }
    }

    private sealed record Acked(Guid Stream, long Seq);
}
